import { OciError } from '../../../pkg/oci/index.ts';
import { originOf, respondContent, type Exchange } from '../../http/index.ts';
import type { FoundryDeps } from './foundry-deps.ts';
import { respondJson } from './failures.ts';
import { tagOf } from './names.ts';
import type { Named } from './requests.ts';
import { versionOf, type PackageVersion } from './versions.ts';

export const artifactUnknown = ({ name, version }: Named): OciError =>
  new OciError('ENTRY_UNKNOWN', `artifact ${name}@${version} not found`);

/** RFC 6266: a name for everybody, and one that may hold more. Of what names may hold, only `/` may not be here. */
const dispositionOf = ({ name, version }: Named): string =>
  `attachment; filename="${name.replaceAll('/', '_')}-${version}"`;

/** The version that is asked for, and no other that has its tag. */
async function findVersion({ artifacts }: FoundryDeps, named: Named): Promise<PackageVersion | undefined> {
  const found = await artifacts.find(named.repository, tagOf(named.version));
  const version = found && versionOf(found);
  return version?.version === named.version ? version : undefined;
}

/** `GET` and `HEAD /artifacts/{package}/{version}`. */
export async function download(deps: FoundryDeps, named: Named, exchange: Exchange): Promise<void> {
  const { artifacts, metrics, config } = deps;
  const found = await findVersion(deps, named);
  if (!found) throw artifactUnknown(named);
  const here = !config['facades.foundry.redirect_downloads'];
  const content = await artifacts.open(named.repository, found.digest, { here }).catch((thrown: unknown) => {
    const isGone = thrown instanceof OciError && thrown.code === 'BLOB_UNKNOWN';
    throw isGone ? new OciError('ENTRY_UNKNOWN', 'artifact blob missing on disk', thrown) : thrown;
  });
  exchange.res.once('close', () => metrics.downloaded(exchange.sentBytes));
  await respondContent(exchange, content, {
    etag: `"${found.digest}"`,
    headers: {
      'content-type': 'application/octet-stream',
      'x-artifact-hash': found.hash,
      'content-disposition': dispositionOf(named),
    },
  });
}

/** `DELETE /artifacts/{package}/{version}`: the bytes stay until they are collected. */
export async function remove(deps: FoundryDeps, named: Named, exchange: Exchange): Promise<void> {
  const found = await findVersion(deps, named);
  const isGone = found && (await deps.artifacts.delete(originOf(exchange), named.repository, tagOf(named.version)));
  if (!isGone) throw new OciError('ENTRY_UNKNOWN', `not found: artifact ${named.name}@${named.version}`);
  respondJson(exchange, 200, { status: 'deleted' });
}
