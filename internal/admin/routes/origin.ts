import type { Exchange } from '../../http/index.ts';
import type { Origin } from '../../registry/index.ts';

/** Who asks, from where, by which request: goes into the log of changes. */
export const originOf = ({ principal, address, requestId }: Exchange): Origin => ({ principal, address, requestId });
