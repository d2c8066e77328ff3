import type { Catalog, HurtName, PageOf, QuarantinedBlob } from '../../catalog/index.ts';

/** `team/app:1.0`, or `team/app@sha256:...` of a manifest that no tag leads to. */
export const nameOf = ({ repository, manifest, tag }: HurtName): string =>
  tag === undefined ? `${repository}@${manifest}` : `${repository}:${tag}`;

/**
 * The names of what is hurt, tags first, not more than `most`, and how many more are known. A manifest without a tag goes
 * unnamed where an index with one is named: people pull that.
 */
export function summarize(
  hurt: readonly HurtName[],
  most: number,
): { readonly names: readonly string[]; readonly more: number } {
  const tagged = hurt.filter(({ tag }) => tag !== undefined).map(nameOf);
  const names = tagged.length > 0 ? tagged : hurt.map(nameOf);
  return { names: names.slice(0, most), more: Math.max(0, names.length - most) };
}

/** Quarantined content with what cannot be pulled whole without it. */
export type HurtContent = QuarantinedBlob & { readonly hurt: readonly HurtName[] };

/** So many names are told of each. */
const MOST_NAMES = 50;

/** What is quarantined, in the order of digests. */
export async function listHurtContent(
  { queries }: Pick<Catalog, 'queries'>,
  page: PageOf<string>,
): Promise<readonly HurtContent[]> {
  const quarantined = await queries.listQuarantine(page);
  const told: HurtContent[] = [];
  for (const blob of quarantined) told.push({ ...blob, hurt: await queries.listHurt(blob.digest, MOST_NAMES) });
  return told;
}
