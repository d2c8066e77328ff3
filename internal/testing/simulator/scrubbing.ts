import type { UploadId } from '../../../pkg/oci/index.ts';
import type { Catalog } from '../../catalog/types.ts';
import { allOf } from '../../maintenance/pages.ts';
import { createExaminer } from '../../maintenance/scrub/examiner.ts';
import { makePass } from '../../maintenance/scrub/pass.ts';
import { NOTHING_SCRUBBED, type RepairSource } from '../../maintenance/scrub/types.ts';
import type { BlobStore, Storage } from '../../storage/index.ts';
import { contentOf } from '../../storage/index.ts';
import { sampleOf } from './content.ts';

interface Deps {
  readonly catalog: Pick<Catalog, 'queries' | 'run'>;
  readonly storage: Pick<Storage, 'check' | 'uploads'> & { readonly blobs: BlobStore };
  readonly clock: () => number;
  readonly newUploadId: () => UploadId;
}

const BY = { principal: 'scrub', address: '', requestId: '' };
const NEVER = new AbortController().signal;

/** Somebody who has all that was ever pushed. */
const SOURCE: RepairSource = {
  name: 'backup',
  open: ({ digest }) => Promise.resolve(contentOf(sampleOf(digest).bytes)),
  close: () => Promise.resolve(),
};

/** A pass as the scrub makes it: another look at what is quarantined, and one at everything. Several at a time meet here. */
export function createScrubbing(deps: Deps): (repair: boolean) => Promise<void> {
  const { catalog } = deps;
  const examiner = createExaminer({ ...deps, sources: [SOURCE] });
  return async (repair) => {
    const examination = { by: BY, repair, signal: NEVER, pace: () => Promise.resolve() };
    const quarantine = allOf(
      (page) => catalog.queries.listQuarantine(page),
      ({ digest }) => digest,
    );
    for await (const quarantined of quarantine) await examiner.reconsider(quarantined, examination);
    const all = { place: { after: undefined, tally: NOTHING_SCRUBBED }, sinceMs: undefined };
    await makePass({ catalog, examiner, onFinding: () => undefined }, all, examination, () => Promise.resolve());
  };
}
