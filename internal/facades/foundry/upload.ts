import { encodedOf, OciError } from '../../../pkg/oci/index.ts';
import type { Artifact, Artifacts, Uploaded } from '../../artifacts/index.ts';
import { actorOf, contentLength, originOf, type Exchange } from '../../http/index.ts';
import { artifactOf } from './artifact.ts';
import { findExpectedHash } from './expected-hash.ts';
import { respondJson } from './failures.ts';
import type { FoundryDeps } from './foundry-deps.ts';
import { tagOf } from './names.ts';
import type { Named } from './requests.ts';
import { versionOf } from './versions.ts';

/** `2025-03-04T05:06:07Z` (foundry contract, section 3.1: here without fractions). */
const toSeconds = (ms: number): string => new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');

/** Another version may have the tag: then that one is named. */
function refuseTaken({ name, version }: Named, found: Pick<Artifact, 'tag'> | undefined, holder?: string): OciError {
  const other = holder !== undefined && holder !== version ? `: it shares its tag ${found?.tag} with ${holder}` : '';
  return new OciError('ENTRY_EXISTS', `artifact ${name}@${version} already exists${other}`);
}

/** Refuses a body past the limit as soon as that is known; 0 is none. */
async function* limited(body: AsyncIterable<Uint8Array>, limitBytes: number): AsyncIterable<Uint8Array> {
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > limitBytes) throw tooLarge(limitBytes);
    yield chunk;
  }
}

const tooLarge = (limitBytes: number): OciError =>
  new OciError('REQUEST_TOO_LARGE', `the largest upload accepted is ${limitBytes} bytes`);

function receive(artifacts: Artifacts, named: Named, exchange: Exchange, limitBytes: number): Promise<Uploaded> {
  const expected = findExpectedHash(exchange);
  const expectedBytes = contentLength(exchange);
  if (limitBytes > 0 && (expectedBytes ?? 0) > limitBytes) throw tooLarge(limitBytes);
  const stream = limitBytes > 0 ? limited(exchange.body(), limitBytes) : exchange.body();
  return artifacts.upload(originOf(exchange), named.repository, { stream, expectedBytes }, expected);
}

/**
 * `POST /artifacts/{package}/{version}`: any bytes, as they are. No lock is held while they come: the version is made in
 * one transaction at the end, which of two at once only one wins. Whether it is there is asked before, too: so most
 * clients that come too late are told before they have sent anything.
 */
export async function upload(deps: FoundryDeps, named: Named, exchange: Exchange): Promise<void> {
  const { artifacts, clock, ticks, config, metrics, events } = deps;
  const { name, version, repository } = named;
  if (!actorOf(exchange).may('create', repository)) throw new OciError('DENIED');
  const startTicks = ticks();
  const tag = tagOf(version);
  const found = await artifacts.find(repository, tag);
  if (found) throw refuseTaken(named, found, versionOf(found)?.version);
  const uploaded = await receive(artifacts, named, exchange, config['facades.foundry.max_upload_size']);
  const { digest, sizeBytes } = uploaded;
  const about = { request_id: exchange.requestId, package: name, version, hash: encodedOf(digest), size: sizeBytes };
  events('blob stored', about);
  const uploadedMs = clock();
  const artifact = artifactOf(named, uploaded, new Date(uploadedMs).toISOString());
  const created = await artifacts.create(originOf(exchange), artifact);
  if (created.kind === 'exists') throw refuseTaken(named, undefined);
  metrics.uploaded(sizeBytes);
  events('artifact upload completed', { ...about, upload_latency: Math.round((ticks() - startTicks) * 1000) / 1000 });
  respondJson(exchange, 201, {
    package: name,
    version,
    hash: encodedOf(digest),
    size: sizeBytes,
    uploaded_at: toSeconds(uploadedMs),
  });
}
