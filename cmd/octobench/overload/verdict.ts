import type { Figure, PhaseReport } from './types.ts';

/** Whether a figure is what it has to be; one that is no number is not. */
export function isMissed({ value, bound }: Figure): boolean {
  if (!bound) return false;
  return !(bound.kind === 'most' ? value <= bound.value : value >= bound.value);
}

/** How many figures of all phases are not what they have to be. */
export const missedFigures = (phases: readonly PhaseReport[]): number =>
  phases.flatMap(({ figures }) => figures).filter(isMissed).length;

// What overload may cost.

const MIB = 1024 * 1024;
/** A probe that waits longer takes the server for dead. */
export const HEALTH_MS = 1000;
/** Of a rate, that is left to normal clients. */
export const KEPT_PART = 0.5;
/** A connection: socket, parser, the objects of a request and its answer. */
export const SOCKET_BYTES = 64 * 1024;
/** What a slow reader may hold besides: the smallest buffer that content is read into. */
export const SLOW_BUFFER_BYTES = 64 * 1024;
/** All buffers of all downloads. */
export const BUFFERS_BYTES = 128 * MIB;
/** What heavy work of any kind may add: garbage that is not collected yet. */
export const WORK_BYTES = 128 * MIB;
