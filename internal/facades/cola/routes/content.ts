import { OciError } from '../../../../pkg/oci/index.ts';
import {
  actorOf,
  contentLength,
  isForm,
  originOf,
  receiveForm,
  respondContent,
  type Exchange,
} from '../../../http/index.ts';
import type { FacadeRoute } from '../../types.ts';
import { need, present, type ColaContext } from '../context.ts';
import type { Place } from '../place.ts';
import { seesPackage } from '../sight.ts';
import { alreadyExists, ColaFailure, invalid, notFound } from '../failures.ts';
import { REGISTRY, VERSION } from '../paths.ts';
import { bareChecksum, isName, wrongOfChecksum } from '../rules/fields.ts';
import { refuse } from '../rules/invalid.ts';
import { parseNewContent } from '../rules/requests.ts';
import { isVersion } from '../rules/versions.ts';
import type { ColaContents, Received, StoredContent } from '../store.ts';
import { createDefine, type Handle } from './define.ts';
import { ABSENT, answer, made, TAKEN, VERSION_SCHEMA, WRONG } from './docs.ts';
import { respondPublished } from './published.ts';

const MOST_FIELDS = 16;
const LONGEST_FIELD = 4096;

/** contract, section 8: a document holds no bytes. */
function contentsOf({ contents }: ColaContext): ColaContents {
  if (!contents) throw new ColaFailure('NOT_IMPLEMENTED', 'This store keeps no package bytes');
  return contents;
}

/** The checksum that the client says, if it does. */
function expectedChecksum(given: string | undefined): string | undefined {
  if (given === undefined || given === '') return undefined;
  refuse(wrongOfChecksum(given));
  return bareChecksum(given);
}

/** Bytes of another checksum are a request that is wrong about itself. */
async function receiving(received: Promise<Received>): Promise<Received> {
  try {
    return await received;
  } catch (failure) {
    if (failure instanceof OciError && failure.code === 'DIGEST_INVALID') {
      throw invalid(`checksum does not match: ${failure.detail.join(' ')}`, 'checksum');
    }
    throw failure;
  }
}

/** Says before a byte is read what would be refused after. */
async function refuseEarly({ store }: ColaContext, place: Place, createsPackage: boolean): Promise<void> {
  const found =
    place.version === ''
      ? await store.getPackage(place.registry, place.package)
      : await store.getVersion(place.registry, place.package, place.version);
  if (found.kind === 'found' && place.version !== '') throw alreadyExists('version', place.version);
  if (found.kind === 'absent' && (found.what === 'registry' || (found.what === 'package' && !createsPackage))) {
    throw notFound(found, place);
  }
}

/** Publishes the body's bytes. What the query says is said of all of them alike. */
async function publishBody(context: ColaContext, place: Place, exchange: Exchange): Promise<void> {
  const contents = contentsOf(context);
  const asked = parseNewContent(new Map(exchange.query), place.version);
  const checksum = expectedChecksum(exchange.header('x-checksum'));
  await refuseEarly(context, place, asked.createsPackage);
  const body = { stream: exchange.body(), expectedBytes: contentLength(exchange) };
  const by = originOf(exchange);
  const content = await receiving(contents.receive(by, place.registry, place.package, body, checksum));
  const push = { ...asked, registry: place.registry, packageName: place.package, content };
  await respondPublished(context, exchange, place, await contents.publish(by, push));
}

/** The same of a form, whose fields may come after the file. */
export async function publishForm(context: ColaContext, place: Place, exchange: Exchange): Promise<void> {
  const contents = contentsOf(context);
  const by = originOf(exchange);
  const query = new Map(exchange.query);
  await refuseEarly(context, place, query.get('create') === 'true');
  const { fields, file } = await receiveForm(exchange, {
    file: 'file',
    mostFields: MOST_FIELDS,
    longestField: LONGEST_FIELD,
    store: (stream) => contents.receive(by, place.registry, place.package, { stream }),
  });
  const asked = parseNewContent(
    new Map([...query, ...fields]),
    place.version === '' ? undefined : place.version,
    place.package,
  );
  if (!file) throw invalid('file is required', 'file');
  const checksum = expectedChecksum(fields.get('checksum') ?? exchange.header('x-checksum'));
  if (checksum !== undefined && checksum !== file.checksum)
    throw invalid(`checksum does not match: the content is ${file.checksum}`, 'checksum');
  const push = { ...asked, registry: place.registry, packageName: place.package, content: file };
  await respondPublished(context, exchange, { ...place, version: asked.version }, await contents.publish(by, push));
}

async function respondStored(exchange: Exchange, stored: StoredContent): Promise<void> {
  if (stored.kind === 'elsewhere') return exchange.respond(302, { location: stored.url, 'cache-control': 'no-cache' });
  const { name, version, checksum, mediaType } = stored.version;
  return respondContent(exchange, await stored.open(), {
    etag: `"sha256:${checksum}"`,
    headers: {
      'content-type': mediaType ?? 'application/octet-stream',
      'content-disposition': `attachment; filename="${name}-${version}.pkg"`,
      // Deleted, and published again, it may be other bytes.
      'cache-control': 'no-cache',
    },
  });
}

/** Where a package's name may end and a version begin, the longest name first. */
const splitsOf = (file: string): readonly (readonly [name: string, version: string])[] =>
  [...file.matchAll(/-/g)]
    .toReversed()
    .map(({ index }) => [file.slice(0, index), file.slice(index + 1)] as const)
    .filter(([name, version]) => isName(name) && isVersion(version));

/** contract, section 3.8 */
export function contentRoutes(context: ColaContext): readonly FacadeRoute[] {
  const { names, signer } = context;
  const define = createDefine(context);

  const put: Handle = async (place, exchange) => {
    need(exchange, 'create', names.package(place.registry, place.package));
    if (isForm(exchange)) await publishForm(context, place, exchange);
    else await publishBody(context, place, exchange);
  };

  const get: Handle = async (place, exchange) => {
    const contents = contentsOf(context);
    await respondStored(exchange, present(await contents.find(place.registry, place.package, place.version), place));
  };

  const getFile: Handle = async ({ registry }, exchange, { file = '' }) => {
    const contents = contentsOf(context);
    for (const [name, version] of splitsOf(file)) {
      if (!seesPackage(actorOf(exchange), registry, name, names)) continue;
      const found = await contents.find(registry, name, version);
      if (found.kind === 'found') return respondStored(exchange, found.value);
    }
    const known = await context.store.getRegistry(registry);
    throw notFound(known.kind === 'absent' ? known : { what: 'version' }, { registry, version: file });
  };

  const partition = { type: 'integer', minimum: 0, maximum: 255 } as const;
  const doc = {
    summary: 'Publish a version by its bytes',
    parameters: [
      { name: 'startPartition', in: 'query', description: 'The first partition that it is for', schema: partition },
      { name: 'endPartition', in: 'query', description: 'The last one', schema: partition },
      { name: 'create', in: 'query', description: '`true`: makes the package too', schema: { type: 'boolean' } },
      {
        name: 'validate',
        in: 'query',
        description: '`false`: takes what cannot be installed',
        schema: { type: 'boolean' },
      },
      { name: 'X-Checksum', in: 'header', description: 'The SHA-256 of the bytes' },
    ],
    body: [{ type: 'application/octet-stream' }, { type: 'multipart/form-data' }],
    answers: { 201: made('The version', VERSION_SCHEMA), 400: WRONG, 404: ABSENT, 409: TAKEN },
  } as const;
  const bytes = { description: 'The bytes', content: { type: 'application/zip' }, headers: { ETag: 'Their digest' } };
  const answers = {
    200: bytes,
    206: bytes,
    302: answer('The bytes are there'),
    304: answer('The client has it'),
    404: ABSENT,
  };
  return [
    define({ method: 'PUT', path: `${VERSION}/content`, action: 'push', doc, handle: put }),
    define({ method: 'POST', path: `${VERSION}/content`, action: 'push', doc, handle: put }),
    define({
      method: 'GET',
      path: `${VERSION}/content`,
      action: 'pull',
      doc: {
        summary: 'Download a version',
        parameters: [
          { name: 'exp', in: 'query', description: 'Until when the URL is good, where it is signed' },
          { name: 'sig', in: 'query', description: 'Its signature' },
          { name: 'Range', in: 'header', description: 'One range of bytes' },
        ],
        answers,
      },
      async opens({ name = '', package: packageName = '', version = '' }, { query }) {
        const verdict = await signer.check({ registry: name, package: packageName, version }, query);
        if (verdict === 'unsigned') return false;
        if (verdict === 'good') return true;
        throw new ColaFailure(
          'FORBIDDEN',
          verdict === 'expired' ? 'The URL has expired' : 'The URL is not signed by this server',
        );
      },
      handle: get,
    }),
    define({
      method: 'GET',
      path: `${REGISTRY}/{file}.pkg`,
      action: 'pull',
      doc: {
        summary: 'Download a version by the name of its file',
        answers,
      },
      handle: getFile,
    }),
  ];
}
