import { OciError } from '../../../../pkg/oci/index.ts';
import { actorOf, matchesEntityTag, type Exchange, type Headers } from '../../../http/index.ts';
import type { FacadeRoute } from '../../types.ts';
import { createAudiences } from '../audience.ts';
import type { ColaContext } from '../context.ts';
import { INDEX_HEADERS, notFound } from '../failures.ts';
import type { Health } from '../health.ts';
import { createIndexCache, renderedIndex, type RenderedIndex } from '../index-cache.ts';
import { createIndexSources } from '../index-sources.ts';
import { LAST_PARTITION } from '../rules/fields.ts';
import { renderIndex, type IndexView } from '../rules/index-json.ts';
import { Invalid } from '../rules/invalid.ts';
import { REGISTRY } from '../paths.ts';
import { createDefine, type Handle } from './define.ts';
import { ABSENT, answer, INDEX_SCHEMA, WRONG } from './docs.ts';

const CACHE_BYTES = 32 * 1024 * 1024;
const ZIPPED = /(?:^|,)\s*gzip\s*(?:;\s*q=(?!0(?:\.0*)?\s*(?:,|$))[^,]*)?(?:,|$)/i;

/** contract, section 3.7: `?partition=4`, `?checksum=prefixed` */
function viewOf({ query }: Exchange): IndexView {
  const [partition, checksum] = [query.get('partition'), query.get('checksum')];
  if (partition !== null && !(/^\d{1,3}$/.test(partition) && Number(partition) <= LAST_PARTITION)) {
    throw new Invalid(`partition must be between 0 and ${LAST_PARTITION}`, 'partition');
  }
  if (checksum !== null && checksum !== 'prefixed' && checksum !== 'bare') {
    throw new Invalid('checksum must be bare or prefixed', 'checksum');
  }
  return {
    partition: partition === null ? undefined : Number(partition),
    isPrefixed: checksum === 'prefixed',
  };
}

/** Answers with the body in the form that the client takes, or that it has it already. */
async function respondIndex(exchange: Exchange, rendered: RenderedIndex): Promise<void> {
  const isZipped = ZIPPED.test(exchange.header('accept-encoding') ?? '');
  const { body, etag } = isZipped ? await rendered.zipped() : rendered;
  const headers: Headers = {
    ...INDEX_HEADERS,
    'cache-control': 'no-cache',
    vary: 'Accept-Encoding',
    etag,
    'last-modified': rendered.lastModified,
  };
  const known = exchange.header('if-none-match');
  if (matchesEntityTag(known, etag) || matchesEntityTag(known, rendered.etag)) return exchange.respond(304, headers);
  const form = { 'content-type': 'application/json', 'content-encoding': isZipped ? 'gzip' : undefined };
  return exchange.respond(200, { ...headers, ...form }, body);
}

/**
 * What command-launcher reads. A store that is away is an error, and never an empty list: that would uninstall everything;
 * nor a list of what cannot be fetched just now, where the bytes are kept here.
 */
export function indexRoutes(context: ColaContext, health: () => Promise<Health>): readonly FacadeRoute[] {
  const { store, contents, names, urls, signer, anonymous, clock, log } = context;
  const define = createDefine(context);
  const cache = createIndexCache(CACHE_BYTES);
  const sources = createIndexSources(store);
  const audienceOf = createAudiences(names, clock);

  const get: Handle = async ({ registry }, exchange) => {
    const view = viewOf(exchange);
    if (contents && (await health()).kind === 'unhealthy') throw new OciError('UNAVAILABLE');
    const stamp = await store.indexStamp(registry);
    const index = stamp === undefined ? undefined : await sources.get(registry, stamp);
    if (!index) throw notFound({ what: 'registry' }, { registry });
    const hidden = audienceOf(actorOf(exchange), registry, index);
    const closed = audienceOf(await anonymous(), registry, index);
    const expiry = closed.packages.size === 0 ? 0 : signer.expiry();
    const key = JSON.stringify([registry, index.stamp, exchange.site, hidden.key, closed.key, expiry, view]);
    const rendered = await cache.get(key, async () => {
      const isPublic = (name: string): boolean => !closed.packages.has(name);
      const urlOf = await urls.forIndex(exchange, registry, isPublic, expiry);
      const versions = index.versions.filter(({ name }) => !hidden.packages.has(name));
      log.debug('Registry index rendered', { registry, entry_count: versions.length });
      return renderedIndex(renderIndex(versions, urlOf, view), index.changedMs);
    });
    await respondIndex(exchange, rendered);
  };

  return [
    define({
      method: 'GET',
      path: `${REGISTRY}/index.json`,
      action: 'pull',
      doc: {
        summary: 'Tell command-launcher what there is',
        parameters: [
          {
            name: 'partition',
            in: 'query',
            description: 'Only what is for this partition',
            schema: { type: 'integer' },
          },
          {
            name: 'checksum',
            in: 'query',
            description: '`prefixed`: as sha256:<hex>',
            schema: { enum: ['bare', 'prefixed'] },
          },
          { name: 'If-None-Match', in: 'header', description: 'The ETag that one has' },
        ],
        answers: {
          200: { ...answer('Everything that is listed', INDEX_SCHEMA), headers: { ETag: 'Of this body' } },
          304: answer('It is as it was'),
          400: WRONG,
          404: ABSENT,
        },
      },
      handle: get,
    }),
    define({
      method: 'OPTIONS',
      path: `${REGISTRY}/index.json`,
      action: 'none',
      visibility: 'open',
      doc: { summary: 'Let pages of other sites read it', answers: { 200: answer('They may') } },
      handle: async (_place, exchange) => exchange.respond(200, INDEX_HEADERS),
    }),
  ];
}
