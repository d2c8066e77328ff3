import type { Actor } from '../../auth/index.ts';
import type { Exchange } from '../../http/index.ts';
import type { Origin } from '../../registry/index.ts';

/** Who asks, from where, by which request: goes into the log of changes. */
export const originOf = ({ principal, address, requestId }: Exchange): Origin => ({ principal, address, requestId });

/** Who asks: the router let nobody through without the gate. */
export function actorOf({ actor }: Exchange): Actor {
  if (!actor) throw new Error('a handler was called before the gate');
  return actor;
}
