import type { ClientBase } from 'pg';
import type { Params, Text } from '../statement.ts';
import type { Step } from '../step.ts';
import type { Named } from './dialect.ts';
import { ConnectionLost, judge, sqlStateOf } from './failures.ts';

/** One connection for as long as it is somebody's. What it throws is what the server said, or ConnectionLost. */
export interface Session {
  /** Runs one step and gives what it wants. Several may be asked at once: they are run in that order. */
  readonly execute: (step: Step) => Promise<unknown>;
  /** Runs SQL without parameters: of several statements, the rows of none. */
  readonly ask: (sql: string) => Promise<readonly Readonly<Record<string, unknown>>[]>;
}

export interface SessionOptions {
  /** Whether it waits for its answers for ever, whatever the connection was configured with. */
  readonly unhurried?: boolean;
}

/** As long as a timer can be set for: to `pg`, 0 is what it was configured with. */
const FOR_EVER_MS = 2 ** 31 - 1;

export function createSession(
  client: ClientBase,
  statements: (text: Text) => Named,
  { unhurried = false }: SessionOptions = {},
): Session {
  const patience = unhurried ? { query_timeout: FOR_EVER_MS } : {};

  async function query(config: { text: string; name?: string; values?: (string | number | null)[] }) {
    try {
      return await client.query<Record<string, unknown>>({ ...config, ...patience });
    } catch (error) {
      // Whatever the server did not say itself comes from a connection that broke.
      throw sqlStateOf(error) === undefined || judge(error) === 'lost' ? new ConnectionLost(error) : error;
    }
  }

  return {
    execute: async ({ text, params, want }) => {
      const { name, sql, order } = statements(text);
      const { rows } = await query({ name, text: sql, values: order.map((each) => valueOf(params, each)) });
      if (want === 'rows') return rows;
      return want === 'row' ? rows[0] : undefined;
    },
    ask: async (text) => (await query({ text })).rows ?? [],
  };
}

function valueOf(params: Params, name: string): string | number | null {
  const value = params[name];
  if (value === undefined) throw new TypeError(`the parameter ${name} of a statement is missing`);
  // No text in PostgreSQL holds a NUL: like what UTF-8 cannot say, it becomes the replacement character.
  return typeof value === 'string' && value.includes('\0') ? value.replaceAll('\0', '\ufffd') : value;
}
