import { findDigest, isLinkingTag, type Digest, type RepositoryName, type Tag } from '../../../pkg/oci/index.ts';
import type { TagTime } from '../../catalog/index.ts';
import { judgeTags, type TagPolicy } from './judge-tags.ts';

/** A manifest with what decides whether it stays. */
export interface ManifestFate {
  readonly digest: Digest;
  readonly sizeBytes: number;
  readonly pushedMs: number;
  readonly pulledMs: number | undefined;
  /** When a tag last ceased to point at it. */
  readonly leftMs: number | undefined;
  readonly subject: Digest | undefined;
  readonly children: readonly Digest[];
  /** What it keeps besides its own bytes. */
  readonly blobs: readonly Digest[];
}

export interface RepositoryFacts {
  readonly repository: RepositoryName;
  readonly tags: readonly TagTime[];
  readonly manifests: readonly ManifestFate[];
}

export interface RetentionPolicy extends TagPolicy {
  /** Manifests that lost their tag are kept so long for a way back (`history.keep`). */
  readonly historyMs: number;
}

export interface TagExpiry {
  readonly tag: Tag;
  readonly digest: Digest;
  readonly reason: string;
}

export interface ManifestExpiry {
  readonly manifest: ManifestFate;
  /** The tags that go with it. */
  readonly tags: readonly Tag[];
  readonly reason: string;
}

/** What is to go: tags alone, then manifests in an order in which nothing is left without what it belongs to. */
export interface Expiries {
  readonly repository: RepositoryName;
  readonly tags: readonly TagExpiry[];
  readonly manifests: readonly ManifestExpiry[];
}

/**
 * What the rules let go of in a repository. A manifest stays that has a tag that stays; so do the children of an index
 * that stays, and what refers to a manifest that stays (its subject, or a tag such as sha256-<hex>.sig). What belongs to
 * something in these ways goes with it. A manifest that never had a tag and belongs to nothing goes by `untagged_after`.
 */
export function planRetention(facts: RepositoryFacts, policy: RetentionPolicy): Expiries {
  const { repository } = facts;
  const manifests = new Map(facts.manifests.map((manifest) => [manifest.digest, manifest]));
  const tags = facts.tags.map((tag) => {
    const manifest = manifests.get(tag.digest);
    return { ...tag, setMs: tag.setMs ?? manifest?.pushedMs ?? policy.nowMs, pulledMs: manifest?.pulledMs };
  });
  const verdicts = judgeTags(tags, policy);
  const links = linksOf(facts, manifests);

  const isBound = ({ tag }: TagTime): boolean => links.subjectOfTag(tag) !== undefined;
  const staying = tags.filter((tag) => !verdicts.has(tag.tag) && !isBound(tag));
  const tagged = new Set(staying.map(({ digest }) => digest));
  const leaving = new Set(tags.filter(({ tag }) => verdicts.has(tag)).map(({ digest }) => digest));
  const isRoot = (manifest: ManifestFate): boolean =>
    tagged.has(manifest.digest) ||
    (!leaving.has(manifest.digest) && links.holdersOf(manifest.digest).length === 0 && !isDue(manifest, policy));
  const kept = reach(facts.manifests.filter(isRoot), (digest) => links.heldBy(digest));

  const going = facts.manifests.filter(({ digest }) => !kept.has(digest));
  const tagsAt = Map.groupBy(tags, ({ digest }) => digest);
  return {
    repository,
    tags: tags
      .filter(({ tag, digest }) => verdicts.has(tag) && kept.has(digest))
      .map(({ tag, digest }) => ({ tag, digest, reason: verdicts.get(tag)?.reason ?? '' })),
    manifests: inOrder(going, links).map((manifest) => {
      const at = (tagsAt.get(manifest.digest) ?? []).map(({ tag }) => tag);
      const reason = at.map((tag) => verdicts.get(tag)?.reason).find((why) => why !== undefined);
      return { manifest, tags: at, reason: reason ?? reasonOf(manifest, links.holdersOf(manifest.digest)) };
    }),
  };
}

function reasonOf({ pushedMs, leftMs = 0 }: ManifestFate, holders: readonly Digest[]): string {
  if (holders.length > 0) return `belongs to ${holders[0]}`;
  return `without a tag since ${new Date(Math.max(pushedMs, leftMs)).toISOString()}`;
}

/** Whether a manifest without a tag has been so for long enough, and nobody pulled it in that time. */
function isDue({ pushedMs, leftMs = 0, pulledMs = 0 }: ManifestFate, policy: RetentionPolicy): boolean {
  const limits = policy.rules.flatMap(({ untaggedAfterMs }) => untaggedAfterMs ?? []);
  if (limits.length === 0) return false;
  const sinceMs = Math.max(pushedMs, leftMs, pulledMs);
  return sinceMs <= policy.nowMs - Math.max(policy.historyMs, ...limits);
}

type Links = ReturnType<typeof linksOf>;

/** What belongs to what. */
function linksOf({ manifests, tags }: RepositoryFacts, known: ReadonlyMap<Digest, ManifestFate>) {
  const referrers = new Map<Digest, Digest[]>();
  const parents = new Map<Digest, Digest[]>();
  const subjects = new Map<Digest, Digest[]>();
  const add = (map: Map<Digest, Digest[]>, key: Digest, value: Digest): void => {
    const some = map.get(key);
    if (some) some.push(value);
    else map.set(key, [value]);
  };
  const refer = (referrer: Digest, subject: Digest | undefined): void => {
    if (subject === undefined || subject === referrer || !known.has(subject)) return;
    add(referrers, subject, referrer);
    add(subjects, referrer, subject);
  };
  const subjectOfTag = (tag: Tag): Digest | undefined => {
    if (!isLinkingTag(tag)) return undefined;
    const [algorithm, rest = ''] = tag.split('-', 2);
    const digest = findDigest(`${algorithm}:${rest.slice(0, 64)}`);
    return digest && known.has(digest) ? digest : undefined;
  };
  for (const { digest, subject, children } of manifests) {
    refer(digest, subject);
    for (const child of children) if (known.has(child)) add(parents, child, digest);
  }
  for (const { tag, digest } of tags) refer(digest, subjectOfTag(tag));
  return {
    subjectOfTag,
    parentsOf: (digest: Digest): readonly Digest[] => parents.get(digest) ?? [],
    referrersOf: (digest: Digest): readonly Digest[] => referrers.get(digest) ?? [],
    /** What it stays for. */
    holdersOf: (digest: Digest): readonly Digest[] => [...(parents.get(digest) ?? []), ...(subjects.get(digest) ?? [])],
    /** What stays for it. */
    heldBy: (digest: Digest): readonly Digest[] => [
      ...(known.get(digest)?.children ?? []),
      ...(referrers.get(digest) ?? []),
    ],
  };
}

/** The roots and all that is reached from them. */
function reach(roots: readonly ManifestFate[], next: (digest: Digest) => readonly Digest[]): ReadonlySet<Digest> {
  const reached = new Set(roots.map(({ digest }) => digest));
  // A set is walked to its end, with what is added meanwhile.
  for (const digest of reached) for (const each of next(digest)) reached.add(each);
  return reached;
}

/** An index before its children, what refers before its subject: so a run that breaks off leaves nothing behind for good. */
function inOrder(
  going: readonly ManifestFate[],
  { parentsOf, referrersOf }: Pick<Links, 'parentsOf' | 'referrersOf'>,
): readonly ManifestFate[] {
  const byDigest = new Map(going.map((manifest) => [manifest.digest, manifest]));
  const ordered: ManifestFate[] = [];
  const seen = new Set<Digest>();
  const placed = new Set<Digest>();
  // A stack of our own: what refers to what may be a chain as long as clients like.
  const firstOf = ({ digest }: ManifestFate): readonly ManifestFate[] =>
    [...parentsOf(digest), ...referrersOf(digest)].flatMap((each) => {
      const manifest = seen.has(each) ? undefined : byDigest.get(each);
      return manifest ?? [];
    });
  for (const start of going) {
    const stack = seen.has(start.digest) ? [] : [start];
    for (let top = stack.at(-1); top; top = stack.at(-1)) {
      const first = seen.has(top.digest) ? [] : firstOf(top);
      seen.add(top.digest);
      stack.push(...first);
      if (first.length > 0) continue;
      stack.pop();
      if (!placed.has(top.digest)) ordered.push(top);
      placed.add(top.digest);
    }
  }
  return ordered;
}
