import type { CatalogLog } from '../catalog-log.ts';
import { CatalogError } from '../types.ts';
import { sqlStateOf } from './failures.ts';

export interface LinkDeps {
  /** Throws a CatalogError whose message tells the operator what is wrong. */
  readonly visit: () => Promise<void>;
  readonly log: CatalogLog;
  /** Resolves after so long, or rejects when the signal is aborted. */
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>;
  /** 0 to 1, so that replicas do not keep step. */
  readonly random: () => number;
}

/** What is known of the database: well, or not and why. While it is not, it is visited again and again. */
export interface Link {
  /** Throws at once while the database is not well, so that nobody waits for what is known to be away. */
  readonly assertWell: () => void;
  /** Something failed as if the database were away: it is visited, once for all who doubt. */
  readonly doubt: () => void;
  readonly close: () => Promise<void>;
}

const FIRST_MS = 250;
const LONGEST_MS = 5000;
const TOO_MANY_CONNECTIONS = '53300';

/**
 * Visits the database. Resolves where it is well, and also where it is away or refuses us: that is told, and passes by
 * itself. Throws where time does not help: a catalog of a later version, a migration that fails.
 */
export async function openLink({ visit, log, pause, random }: LinkDeps): Promise<Link> {
  const closing = new AbortController();
  let problem: CatalogError | undefined = new CatalogError('busy', 'the catalog is being opened');
  /** Each reason is told once for as long as it goes on, also where two of them take turns, as while a server restarts. */
  const told = new Set<string>();
  let watch: Promise<void> | undefined;

  async function look(): Promise<void> {
    try {
      await visit();
      problem = undefined;
      if (told.size > 0) log.info('The catalog is available again');
      told.clear();
    } catch (error) {
      const found = error instanceof CatalogError ? error : new CatalogError('broken', String(error), error);
      // A visit finds no seat where others sit: those who have one go on.
      if (problem || !isCrowded(found)) problem = found;
      if (closing.signal.aborted || told.has(found.message)) return;
      log.error(`The catalog is not available: ${found.message}`);
      told.add(found.message);
    }
  }

  const rest = (ms: number): Promise<void> => pause(ms * (0.5 + random()), closing.signal).catch(() => undefined);

  async function watchUntilWell(): Promise<void> {
    for (let wait = FIRST_MS; problem && !closing.signal.aborted; wait = Math.min(2 * wait, LONGEST_MS)) {
      await rest(wait);
      if (!closing.signal.aborted) await look();
    }
  }

  function begin(work: () => Promise<void>): void {
    watch ??= work().finally(() => (watch = undefined));
  }

  await look();
  const first = problem as CatalogError | undefined;
  if (first && first.failure !== 'busy') throw first;
  begin(watchUntilWell);

  return {
    assertWell: () => {
      if (problem) throw problem;
    },
    doubt: () => {
      if (closing.signal.aborted) return;
      begin(async () => {
        await look();
        await watchUntilWell();
        await rest(FIRST_MS); // doubts come in crowds
      });
    },
    close: async () => {
      closing.abort();
      await watch;
    },
  };
}

const isCrowded = ({ cause }: CatalogError): boolean => sqlStateOf(cause) === TOO_MANY_CONNECTIONS;
