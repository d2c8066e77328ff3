import type { Actor } from '../auth/index.ts';
import type { Origin } from '../registry/index.ts';
import type { Exchange } from './exchange.ts';

/** Who asks, from where, by which request: goes into the log of changes. */
export const originOf = ({ principal, address, requestId }: Exchange): Origin => ({ principal, address, requestId });

/** Who asks: nobody is let through to a handler without the gate. */
export function actorOf({ actor, route }: Exchange): Actor {
  if (!actor) throw new Error(`${route} was answered without the gate`);
  return actor;
}
