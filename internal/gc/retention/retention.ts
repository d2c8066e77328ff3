import type { RepositoryName } from '../../../pkg/oci/index.ts';
import { createLeaseStore, type Catalog, type Origin, type TagGuards } from '../../catalog/index.ts';
import { runUnderLease } from '../../jobs/index.ts';
import type { GcConfig } from '../options.ts';
import { carryOut, type RetentionRequest, type RetentionSummary } from './carry-out.ts';
import type { RetentionConfig } from './options.ts';
import { rulesOf } from './rules.ts';

export type { Expired, RetentionRequest, RetentionSummary } from './carry-out.ts';

export interface RetentionDeps {
  readonly catalog: Catalog;
  readonly config: RetentionConfig & Pick<GcConfig, 'gc.review_delay'> & { readonly 'history.keep': number };
  /** Which tags of a repository nobody deletes. */
  readonly guardsFor: (repository: RepositoryName) => TagGuards;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** A text that nobody else makes. */
  readonly newId: () => string;
}

export type Retained = Readonly<{ kind: 'busy' }> | Readonly<{ kind: 'done'; summary: RetentionSummary }>;

export interface Retention {
  readonly hasRules: boolean;
  /** Carries the rules out, or finds what they would do. `busy`: that is being done already, here or elsewhere. */
  run(request: RetentionRequest, signal?: AbortSignal): Promise<Retained>;
  /** Carries them out where the schedule asks for it; the first time an interval after they were first seen. */
  runIfDue(signal: AbortSignal): Promise<RetentionSummary | undefined>;
}

const LEASE = 'retention run';
const LEASE_MS = 30_000;
/** The cursor that says when the rules were last carried out; it follows the clock, not the log. */
const LAST = 'retention';
const FORGET_BATCH = 500;

export function createRetention({ catalog, config, guardsFor, clock, newId }: RetentionDeps): Retention {
  const rules = rulesOf(config);
  const leases = createLeaseStore(catalog);
  const historyMs = config['history.keep'];
  const keptMs = Math.max(historyMs, config['gc.review_delay']);
  const carrying = { catalog, rules, guardsFor, clock, historyMs, keptMs };

  async function forgetOld(signal: AbortSignal): Promise<void> {
    const beforeMs = clock() - keptMs;
    while (!signal.aborted) {
      if ((await catalog.run('forgetDeleted', { beforeMs, limit: FORGET_BATCH })) < FORGET_BATCH) return;
    }
  }

  async function run(request: RetentionRequest, signal = new AbortController().signal): Promise<Retained> {
    if (request.dryRun) return { kind: 'done', summary: await carryOut(request, carrying, signal) };
    const work = { name: LEASE, leaseMs: LEASE_MS, run: (until: AbortSignal) => carryOut(request, carrying, until) };
    const turn = await runUnderLease(work, signal, { leases, clock, holder: `retention ${newId()}` });
    return turn.kind === 'ran' ? { kind: 'done', summary: turn.result } : { kind: 'busy' };
  }

  return {
    hasRules: rules.length > 0,
    run,
    async runIfDue(signal) {
      const intervalMs = config['retention.interval'];
      const nowMs = clock();
      const lastMs = await catalog.queries.findCursor(LAST);
      if (lastMs > nowMs - Math.max(intervalMs, 1)) return undefined;
      await catalog.run('moveCursor', { name: LAST, sequence: nowMs });
      await forgetOld(signal);
      if (lastMs === 0 || intervalMs === 0 || rules.length === 0) return undefined;
      const by: Origin = { principal: 'retention', address: '', requestId: newId() };
      const done = await run({ by, dryRun: false }, signal);
      return done.kind === 'done' ? done.summary : undefined;
    },
  };
}
