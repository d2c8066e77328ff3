import type { Digest, RepositoryName } from '../../../pkg/oci/index.ts';
import { createLeaseStore, type Catalog, type Origin, type TagGuards } from '../../catalog/index.ts';
import { runUnderLease } from '../../jobs/index.ts';
import { freedBy } from '../accounting.ts';
import type { GcConfig } from '../options.ts';
import { allRepositories, readFacts } from './facts.ts';
import type { RetentionConfig } from './options.ts';
import { planRetention, type Expiries, type ManifestExpiry } from './plan.ts';
import { rulesFor, rulesOf } from './rules.ts';

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

/** One thing that a rule lets go of, for whoever reads the list. */
export type Expired = Readonly<
  | { kind: 'tag'; repository: RepositoryName; tag: string; digest: Digest; reason: string }
  | { kind: 'manifest'; repository: RepositoryName; digest: Digest; tags: readonly string[]; reason: string }
>;

export interface RetentionRequest {
  readonly by: Origin;
  /** Finds what would go, and changes nothing. */
  readonly dryRun: boolean;
  readonly repositories?: ReadonlySet<RepositoryName> | undefined;
  readonly onExpired?: ((expired: Expired) => void) | undefined;
}

export interface RetentionSummary {
  readonly dryRun: boolean;
  readonly repositories: number;
  /** Tags, those that go with their manifest too. */
  readonly tags: number;
  readonly manifests: number;
  /** What nothing references once they are gone. */
  readonly bytes: number;
  /** When the collector may take that; undefined where there is nothing. */
  readonly freeAtMs: number | undefined;
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

  async function planFor(repository: RepositoryName, pullsSinceMs: number): Promise<Expiries | undefined> {
    const about = rulesFor(rules, repository);
    if (about.length === 0) return undefined;
    const { kept } = guardsFor(repository);
    const policy = { rules: about, kept, nowMs: clock(), pullsSinceMs, historyMs };
    return planRetention(await readFacts(catalog, repository), policy);
  }

  /** Deletes what is planned, as far as it is still as it was; gives what it did. */
  async function apply(by: Origin, plan: Expiries): Promise<Expiries> {
    const { repository } = plan;
    const guards = guardsFor(repository);
    const change = (nowMs: number) => ({ by, nowMs, repository, guards });
    const tags = [];
    for (const expiry of plan.tags) {
      const args = { ...change(clock()), tag: expiry.tag, at: expiry.digest };
      if ((await catalog.run('deleteTag', args)).kind === 'deleted') tags.push(expiry);
    }
    const manifests: ManifestExpiry[] = [];
    for (const expiry of plan.manifests) {
      const nowMs = clock();
      const args = { digest: expiry.manifest.digest, onlyTags: expiry.tags, keepMs: nowMs + historyMs };
      if ((await catalog.run('deleteManifest', { ...change(nowMs), ...args })).kind === 'deleted')
        manifests.push(expiry);
    }
    return { repository, tags, manifests };
  }

  async function work(request: RetentionRequest, signal: AbortSignal): Promise<RetentionSummary> {
    const { by, dryRun, onExpired } = request;
    const pullsSinceMs = await catalog.queries.pullsSince();
    const dropped = new Map<Digest, number>();
    let [repositories, tags, manifests] = [0, 0, 0];
    let freed = 0;
    for await (const repository of allRepositories(catalog)) {
      signal.throwIfAborted();
      if (request.repositories && !request.repositories.has(repository)) continue;
      const plan = await planFor(repository, pullsSinceMs);
      if (!plan) continue;
      // Of what is deleted the references can only be told while they are there.
      if (!dryRun) freed += await freedBy(catalog, countDropped(plan, new Map()));
      const done = dryRun ? plan : await apply(by, plan);
      repositories += 1;
      tags += done.tags.length + done.manifests.reduce((sum, each) => sum + each.tags.length, 0);
      manifests += done.manifests.length;
      if (dryRun) countDropped(done, dropped);
      tell(done, onExpired);
    }
    const bytes = dryRun ? await freedBy(catalog, dropped) : freed;
    const freeAtMs = manifests > 0 ? clock() + keptMs : undefined;
    return { dryRun, repositories, tags, manifests, bytes, freeAtMs };
  }

  async function forgetOld(signal: AbortSignal): Promise<void> {
    const beforeMs = clock() - keptMs;
    while (!signal.aborted) {
      if ((await catalog.run('forgetDeleted', { beforeMs, limit: FORGET_BATCH })) < FORGET_BATCH) return;
    }
  }

  async function run(request: RetentionRequest, signal = new AbortController().signal): Promise<Retained> {
    if (request.dryRun) return { kind: 'done', summary: await work(request, signal) };
    let summary: RetentionSummary | undefined;
    const job = {
      name: LEASE,
      leaseMs: LEASE_MS,
      intervalMs: LEASE_MS,
      run: async (until: AbortSignal) => {
        summary = await work(request, until);
      },
    };
    await runUnderLease(job, signal, { leases, clock, holder: `retention ${newId()}` });
    return summary ? { kind: 'done', summary } : { kind: 'busy' };
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

/** How many references each blob loses. */
function countDropped({ manifests }: Expiries, dropped: Map<Digest, number>): Map<Digest, number> {
  for (const { manifest } of manifests) {
    for (const blob of new Set([manifest.digest, ...manifest.blobs])) dropped.set(blob, (dropped.get(blob) ?? 0) + 1);
  }
  return dropped;
}

function tell({ repository, tags, manifests }: Expiries, onExpired: RetentionRequest['onExpired']): void {
  if (!onExpired) return;
  for (const { tag, digest, reason } of tags) onExpired({ kind: 'tag', repository, tag, digest, reason });
  for (const { manifest, tags: gone, reason } of manifests) {
    onExpired({ kind: 'manifest', repository, digest: manifest.digest, tags: gone, reason });
  }
}
