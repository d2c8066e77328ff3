import type { Surroundings } from './exchange.ts';

// A suite by its name only because nothing but tests may import it.

/** What exchanges of a test are told. */
export const SURROUNDINGS: Surroundings = {
  ticks: () => 0,
  newRequestId: () => 'request',
  addressOf: () => '192.0.2.1',
  siteOf: () => 'http://here',
  onBodyBytes: () => undefined,
};
