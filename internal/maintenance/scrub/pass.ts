import type { Digest } from '../../../pkg/oci/index.ts';
import type { Catalog } from '../../catalog/index.ts';
import type { KnownContent } from '../damage.ts';
import { forEach } from '../for-each.ts';
import { allOf } from '../pages.ts';
import type { Examination, Examiner } from './examiner.ts';
import type { Verdict } from './judge.ts';
import type { Finding, ScrubTally } from './types.ts';

export interface PassDeps {
  readonly catalog: Pick<Catalog, 'queries'>;
  readonly examiner: Examiner;
  readonly onFinding: (finding: Finding) => void;
}

/** Where a pass stands: all up to the digest was looked at. */
export interface Place {
  readonly after: Digest | undefined;
  readonly tally: ScrubTally;
}

/** Contents that are read at a time: more would only make a disk jump. */
const AT_ONCE = 4;
/** So much is looked at before it is noted: what is cut short is read again. */
const STRETCH_BLOBS = 64;
const STRETCH_BYTES = 256 * 1024 * 1024;
/** Where so many contents in a row are not to be had, it is storage that is wrong, and not they. */
const MOST_IN_A_ROW = 100;

interface Suspect {
  readonly content: KnownContent;
  readonly verdict: Verdict;
}

/**
 * Looks at all content once, in the order of digests, from `place` on. What cannot be had at all is judged only when
 * something else was found to be there: a disk that is not mounted is no damage to what is on it.
 */
export async function makePass(
  { catalog, examiner, onFinding }: PassDeps,
  { place, sinceMs }: { readonly place: Place; readonly sinceMs: number | undefined },
  examination: Examination,
  onPlace: (place: Place) => Promise<void>,
): Promise<Place> {
  let { after, tally } = place;
  let absent: Suspect[] = [];

  async function act({ content, verdict }: Suspect): Promise<void> {
    const finding = await examiner.act(content, verdict, examination);
    if (!finding) return;
    tally = {
      ...tally,
      damaged: tally.damaged + 1,
      mended: tally.mended + (finding.mendedFrom === undefined ? 0 : 1),
    };
    onFinding(finding);
  }
  async function actOnAbsent(): Promise<void> {
    const suspects = absent;
    absent = [];
    for (const suspect of suspects) await act(suspect);
  }

  async function look(content: KnownContent): Promise<void> {
    const verdict = await examiner.judge(content, examination);
    tally = { ...tally, blobs: tally.blobs + 1, bytes: tally.bytes + content.sizeBytes };
    if (isAbsent(verdict)) {
      absent.push({ content, verdict });
      if (absent.length >= MOST_IN_A_ROW) {
        throw new Error(
          `storage has none of ${absent.length} contents in a row that the catalog knows: is it the right one?`,
        );
      }
      return;
    }
    if (verdict.kind === 'sound') await actOnAbsent();
    await act({ content, verdict });
  }

  let stretch: KnownContent[] = [];
  let stretchBytes = 0;
  async function walkStretch(): Promise<void> {
    await forEach(stretch, AT_ONCE, look);
    // What is held back is not looked at yet: who goes on after this was cut short begins there.
    if (absent.length === 0) {
      after = stretch.at(-1)?.digest ?? after;
      await onPlace({ after, tally });
    }
    stretch = [];
    stretchBytes = 0;
  }

  const rows = allOf(
    (page) => catalog.queries.listBlobs({ limit: page.limit, after: page.after ?? place.after, sinceMs }),
    ({ digest }) => digest,
  );
  for await (const content of rows) {
    stretch.push(content);
    stretchBytes += content.sizeBytes;
    if (stretch.length >= STRETCH_BLOBS || stretchBytes >= STRETCH_BYTES) await walkStretch();
  }
  await walkStretch();
  await actOnAbsent();
  return { after, tally };
}

/** What it says may be so of all content alike. */
function isAbsent(verdict: Verdict): boolean {
  return verdict.kind === 'unreadable' || (verdict.kind === 'damaged' && verdict.damage.problem === 'missing');
}
