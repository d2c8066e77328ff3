import type { Digest, RepositoryName } from '../../../pkg/oci/index.ts';
import type { Catalog, Origin, TagGuards } from '../../catalog/index.ts';
import { freedBy } from '../accounting.ts';
import { allRepositories, readFacts } from './facts.ts';
import { planRetention, type Expiries, type ManifestExpiry } from './plan.ts';
import { rulesFor, type RetentionRule } from './rules.ts';

export interface Carrying {
  readonly catalog: Pick<Catalog, 'queries' | 'run'>;
  readonly rules: readonly RetentionRule[];
  /** Which tags of a repository nobody deletes. */
  readonly guardsFor: (repository: RepositoryName) => TagGuards;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** How long there is a way back (`history.keep`). */
  readonly historyMs: number;
  /** How long content stays after its last reference, with the collector's delay. */
  readonly keptMs: number;
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

/** Carries the rules out, or finds what they would do. Two at once do no harm. */
export async function carryOut(
  request: RetentionRequest,
  deps: Carrying,
  signal: AbortSignal,
): Promise<RetentionSummary> {
  const { catalog, clock, keptMs } = deps;
  const { by, dryRun, onExpired } = request;
  const pullsSinceMs = await catalog.queries.pullsSince();
  const dropped = new Map<Digest, number>();
  let [repositories, tags, manifests] = [0, 0, 0];
  let freed = 0;
  for await (const repository of allRepositories(catalog)) {
    signal.throwIfAborted();
    if (request.repositories && !request.repositories.has(repository)) continue;
    const plan = await planFor(repository, pullsSinceMs, deps);
    if (!plan) continue;
    // Of what is deleted the references can only be told while they are there.
    if (!dryRun) freed += await freedBy(catalog, countDropped(plan, new Map()));
    const done = dryRun ? plan : await apply(by, plan, deps);
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

async function planFor(
  repository: RepositoryName,
  pullsSinceMs: number,
  { catalog, rules, guardsFor, clock, historyMs }: Carrying,
): Promise<Expiries | undefined> {
  const about = rulesFor(rules, repository);
  if (about.length === 0) return undefined;
  const { kept, spared = [] } = guardsFor(repository);
  const policy = { rules: about, kept: [...kept, ...spared], nowMs: clock(), pullsSinceMs, historyMs };
  return planRetention(await readFacts(catalog, repository), policy);
}

/** Deletes what is planned, as far as it is still as it was; gives what it did. */
async function apply(
  by: Origin,
  plan: Expiries,
  { catalog, guardsFor, clock, historyMs }: Carrying,
): Promise<Expiries> {
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
    const { manifest, tags: onlyTags } = expiry;
    // Whoever pushed it since then was told that it is there, be it that it had gone meanwhile.
    const usedMs = Math.max(manifest.pushedMs, manifest.pulledMs ?? 0);
    const args = { digest: manifest.digest, onlyTags, usedMs, keepMs: nowMs + historyMs };
    if ((await catalog.run('deleteManifest', { ...change(nowMs), ...args })).kind === 'deleted') manifests.push(expiry);
  }
  return { repository, tags, manifests };
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
