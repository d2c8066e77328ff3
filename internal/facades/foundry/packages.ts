import { OciError, type RepositoryName, type Tag } from '../../../pkg/oci/index.ts';
import { actorOf, type Exchange } from '../../http/index.ts';
import type { FoundryDeps } from './foundry-deps.ts';
import { respondJson } from './failures.ts';
import type { PackageName } from './names.ts';
import type { NamedPackage } from './requests.ts';
import { byUpload, versionOf, type PackageVersion } from './versions.ts';

const PAGE = 1000;
const LONGEST_SEARCH = 256;

interface PackageRow {
  readonly id: number;
  readonly name: PackageName;
}

/** Letters of ASCII count alike; everything else, `%` and `_` too, is what it is. */
const folded = (text: string): string => text.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());

function parseSearch(text: string | null): string {
  if (text === null) return '';
  if ([...new Intl.Segmenter().segment(text)].length > LONGEST_SEARCH || text.includes('\uFFFD'))
    throw new OciError('REQUEST_INVALID', 'invalid search');
  return folded(text);
}

/** `limit`: undefined where the whole list is asked for. */
function parseLimit(text: string | null): number | undefined {
  if (text === null) return undefined;
  const limit = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (limit < 1 || limit > PAGE) throw new OciError('REQUEST_INVALID', `limit must be 1 to ${PAGE}`);
  return limit;
}

/** All packages that who asks may read, by name. Names of repositories have another order: so all are gathered first. */
async function listPackages({ artifacts, namespace }: FoundryDeps, exchange: Exchange, search: string) {
  const actor = actorOf(exchange);
  const rows: PackageRow[] = [];
  const matches = (rest: string): boolean => {
    const name = namespace.packageOfRest(rest);
    return name !== undefined && folded(name).includes(search);
  };
  for (let after: RepositoryName | undefined; ;) {
    const page = await artifacts.repositories(namespace.root, { limit: PAGE, after, matches });
    for (const { id, name: repository } of page) {
      const name = namespace.packageOf(repository);
      if (name !== undefined && actor.sees(repository)) rows.push({ id, name });
    }
    after = page.at(-1)?.name;
    if (page.length < PAGE) return rows.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }
}

/** `GET /packages`, and `?search=`; pages only where they are asked for. */
export async function packages(deps: FoundryDeps, exchange: Exchange): Promise<void> {
  const { query } = exchange;
  const search = parseSearch(query.get('search'));
  const limit = parseLimit(query.get('limit'));
  const after = query.get('after') ?? '';
  const all = await listPackages(deps, exchange, search);
  if (limit === undefined) return respondJson(exchange, 200, all);
  const rest = all.filter(({ name }) => name > after);
  const page = rest.slice(0, limit);
  const last = page.at(-1);
  if (last && rest.length > limit) {
    const next = new URLSearchParams({ ...(search !== '' && { search }), limit: String(limit), after: last.name });
    exchange.baseHeaders = [...exchange.baseHeaders, 'Link', `<${exchange.path}?${next.toString()}>; rel="next"`];
  }
  return respondJson(exchange, 200, page);
}

export const packageUnknown = ({ name }: NamedPackage): OciError =>
  new OciError('ENTRY_UNKNOWN', `package ${name} not found`);

/** The newest first. */
export async function listVersions(
  { artifacts }: Pick<FoundryDeps, 'artifacts'>,
  repository: RepositoryName,
): Promise<readonly PackageVersion[]> {
  const versions: PackageVersion[] = [];
  for (let after: Tag | undefined; ;) {
    const page = await artifacts.list(repository, { limit: PAGE, after });
    versions.push(...page.map(versionOf).filter((version) => version !== undefined));
    after = page.at(-1)?.tag;
    if (page.length < PAGE) return versions.toSorted(byUpload);
  }
}

/** `GET /packages/{package}`: a package is there as long as it has a version. */
export async function packageVersions(deps: FoundryDeps, named: NamedPackage, exchange: Exchange): Promise<void> {
  const { name, repository } = named;
  const versions = await listVersions(deps, repository);
  if (versions.length === 0) throw packageUnknown(named);
  respondJson(exchange, 200, {
    name,
    versions: versions.map(({ id, packageId, version, hash, sizeBytes, uploadedAt }) => ({
      id,
      package_id: packageId,
      package: name,
      version,
      hash,
      size: sizeBytes,
      uploaded_at: uploadedAt,
    })),
  });
}
