import { findDigest, type Tag } from '../../pkg/oci/index.ts';
import type { Catalog } from '../catalog/index.ts';
import type { RecordName } from '../storage/index.ts';
import { forEach } from './for-each.ts';
import type { Suspects } from './suspects.ts';
import type { VerifyDeps } from './verify.ts';

const AT_ONCE = 16;

/** Looks for records of names that the catalog has not got. How many records there are. */
export async function checkRecords({ storage, catalog, onProgress }: VerifyDeps, suspects: Suspects): Promise<number> {
  let records = 0;
  await forEach(storage.manifests.names(), AT_ONCE, async (name) => {
    records += 1;
    onProgress.done(1);
    if (!(await hasName(catalog, name))) await suspects.examine(name); // else it was examined with its row
  });
  return records;
}

async function hasName({ queries }: Catalog, { repository, name }: RecordName): Promise<boolean> {
  const digest = findDigest(name);
  const row = digest ? await queries.findManifest(repository, digest) : await queries.findTag(repository, name as Tag); // what is no digest is a tag
  return row !== undefined;
}
