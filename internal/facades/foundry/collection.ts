import { encodedOf, OciError } from '../../../pkg/oci/index.ts';
import { originOf, type Exchange } from '../../http/index.ts';
import type { FoundryDeps } from './foundry-deps.ts';
import { respondJson } from './failures.ts';

/**
 * `POST /gc`: a run of the product's collector over everything, whichever door it came through. The delay is waived, so
 * that what lost its last reference goes at once; what was never referenced is leased to who uploaded it, and a lease is
 * never waived (foundry contract, section 3.6).
 */
export async function collect({ gc, metrics, events }: FoundryDeps, exchange: Exchange): Promise<void> {
  if (!gc.config['gc.enabled']) throw new OciError('UNSUPPORTED', 'garbage collection is switched off');
  const begun = await gc.begin({
    trigger: 'admin',
    by: originOf(exchange),
    dryRun: false,
    graceMs: 0,
    onGarbage: ({ digest }) => events('garbage collected blob', { hash: encodedOf(digest) }),
  });
  if (begun.kind === 'busy') throw new OciError('ENTRY_EXISTS', 'garbage collection already running');
  const { tally, error } = await begun.done;
  if (error !== undefined) throw new Error(`the collection broke off: ${error}`);
  metrics.collected(tally.deletedBlobs);
  respondJson(exchange, 200, { deleted_blobs: tally.deletedBlobs, freed_bytes: tally.deletedBytes });
}
