import type { PostgresSettings } from './settings.ts';

// A suite by its name only because nothing but tests may import it.

/** Patient enough for thousands of commands at once on a busy machine. */
export const settingsFor = (url: string, more: Partial<PostgresSettings> = {}): PostgresSettings => ({
  url,
  poolSize: 8,
  connectTimeoutMs: 60_000,
  statementTimeoutMs: 60_000,
  ...more,
});

export const SILENT = { info: () => undefined, error: () => undefined };
