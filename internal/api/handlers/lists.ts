import { OCI_IMAGE_INDEX, OciError } from '../../../pkg/oci/index.ts';
import { actorOf, type Exchange } from '../../http/index.ts';
import { PAGE_ROWS, referrersIndex, type PageRequest, type Registry } from '../../registry/index.ts';
import type { Handler } from '../handler.ts';

export const getBase: Handler<'/v2/'> = async (_deps, _target, exchange) => {
  exchange.respondJson(200, { message: 'OCI Registry API v2' });
};

/** `n` and `last`; PAGE_INVALID where `n` is no whole number. A huge `n` is as many as a page holds. */
function pageOf({ query }: Exchange): PageRequest {
  const n = query.get('n');
  if (n !== null && !/^\d{1,40}$/.test(n)) throw new OciError('PAGE_INVALID');
  const after = query.get('last') ?? undefined;
  return { limit: n === null ? undefined : Math.min(Number(n), PAGE_ROWS), after };
}

/** RFC 8288 link to the next page; the parameters to keep go along. */
function nextLink({ path, query }: Exchange, keep: readonly string[], last: string | undefined): string | undefined {
  if (last === undefined) return undefined;
  const next = new URLSearchParams();
  for (const name of keep) for (const value of query.getAll(name)) next.append(name, value);
  next.set('last', last);
  return `<${path}?${next.toString()}>; rel="next"`;
}

export const listTags: Handler<'/v2/{name}/tags/list'> = async ({ registry }, { repository }, exchange) => {
  const { rows, more } = await registry.lists.tags(repository, pageOf(exchange));
  const link = more ? nextLink(exchange, ['n'], rows.at(-1)) : undefined;
  exchange.respondJson(200, { name: repository, tags: rows }, { link });
};

export const listRepositories: Handler<'/v2/_catalog'> = async ({ registry }, _target, exchange) => {
  if (!registry.config['registry.catalog_endpoint']) throw new OciError('PATH_UNKNOWN');
  const { rows, more } = await registry.lists.repositories(pageOf(exchange), actorOf(exchange));
  const link = more ? nextLink(exchange, ['n'], rows.at(-1)) : undefined;
  exchange.respondJson(200, { repositories: rows }, { link });
};

type Referrers = Awaited<ReturnType<Registry['lists']['referrers']>>;

const artifactTypeOf = ({ query }: Exchange): string | undefined => query.get('artifactType') || undefined;

function respondReferrers(exchange: Exchange, { rows, more }: Referrers): void {
  exchange.respondJson(200, referrersIndex(rows), {
    'content-type': OCI_IMAGE_INDEX,
    'oci-filters-applied': artifactTypeOf(exchange) === undefined ? undefined : 'artifactType',
    link: more ? nextLink(exchange, ['n', 'artifactType'], rows.at(-1)?.digest) : undefined,
  });
}

/** distribution-spec: end-12a, end-12b. */
export const listReferrers: Handler<'/v2/{name}/referrers/{digest}'> = async ({ registry }, target, exchange) => {
  const page = { ...pageOf(exchange), artifactType: artifactTypeOf(exchange) };
  respondReferrers(exchange, await registry.lists.referrers(target.repository, target.digest, page));
};

/** For whoever may not know of the repository: it is as if nothing had been pushed there. */
export const listNoReferrers: Handler<'/v2/{name}/referrers/{digest}'> = async (_deps, _target, exchange) => {
  pageOf(exchange);
  respondReferrers(exchange, { rows: [], more: false });
};
