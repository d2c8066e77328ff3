import { setFlagsFromString } from 'node:v8';

/**
 * Keeps V8's young generation at its first size, 1 MiB a half. What is loaded at a start survives, which V8 takes for a
 * reason to grow it to 32 MiB in all, and those it does not give back; what requests make is gone before the next look,
 * so that serving takes little of it. For a command that serves, before it loads anything.
 */
export function holdYoungGeneration(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
}

/** Lets it grow again as V8 sees fit. */
export function releaseYoungGeneration(): void {
  setFlagsFromString('--semi-space-growth-factor=2');
}
