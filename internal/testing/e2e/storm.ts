import { randomInt } from 'node:crypto';
import { createSamples, type Sample, type SampleImage } from '../images.ts';
import { noteTagAcked, noteTagSent, type Ledger, type OpenUpload } from './ledger.ts';

/** An answer that a healthy server does not give to these requests. */
class UnexpectedAnswer extends Error {}

/** Splits bytes at random places into `count` parts, none of a single byte. */
function randomParts(bytes: Buffer, count: number): readonly Buffer[] {
  const size = Math.floor(bytes.length / count);
  const cuts = Array.from({ length: count - 1 }, (_, index) => index * size + randomInt(2, size - 2));
  return [0, ...cuts].map((start, index) => bytes.subarray(start, cuts[index] ?? bytes.length));
}

/** One client that pushes images, in every way there is, until the server is gone. */
function createPushing(url: string, ledger: Ledger, name: string) {
  const samples = createSamples(`${name}/${randomInt(2 ** 40)}`);
  const repository = `storm/${name}`;

  async function ask(method: string, path: string, status: number, body?: Sample | Buffer): Promise<Response> {
    const sample = body && 'mediaType' in body ? body : undefined;
    const response = await fetch(new URL(path, url), {
      method,
      ...(body && { body: (sample?.bytes ?? body) as Buffer<ArrayBuffer> }),
      headers: { 'content-type': sample?.mediaType ?? 'application/octet-stream' },
    });
    const text = await response.text();
    if (response.status === status) return response;
    throw new UnexpectedAnswer(`${method} ${path} was answered with ${response.status} ${text}, not ${status}`);
  }
  const keep = (blob: Sample): void => void ledger.content.set(`/v2/${repository}/blobs/${blob.digest}`, blob);

  async function pushAtOnce(blob: Sample): Promise<void> {
    await ask('POST', `/v2/${repository}/blobs/uploads/?digest=${blob.digest}`, 201, blob);
    keep(blob);
  }

  async function pushInParts(blob: Sample, patches: number): Promise<void> {
    const started = await ask('POST', `/v2/${repository}/blobs/uploads/`, 202);
    const path = started.headers.get('location') as string;
    const parts = randomParts(blob.bytes, patches + 1);
    let open: OpenUpload = { path, repository, sample: blob, ackedBytes: 0, finishing: false };
    ledger.uploads.set(path, open);
    for (const part of parts.slice(0, -1)) {
      await ask('PATCH', path, 202, part);
      open = { ...open, ackedBytes: open.ackedBytes + part.length };
      ledger.uploads.set(path, open);
    }
    ledger.uploads.set(path, { ...open, finishing: true });
    await ask('PUT', `${path}?digest=${blob.digest}`, 201, parts.at(-1));
    keep(blob);
    ledger.uploads.delete(path);
  }

  async function pushTag(manifest: Sample, tag: string, isOnlyMover: boolean): Promise<void> {
    const path = `/v2/${isOnlyMover ? repository : 'storm/shared'}/manifests/${tag}`;
    noteTagSent(ledger, path, manifest.digest);
    await ask('PUT', path, 201, manifest);
    noteTagAcked(ledger, path, manifest.digest, isOnlyMover);
    ledger.content.set(path.replace(/[^/]*$/, manifest.digest), manifest);
  }

  async function mount(blob: Sample): Promise<void> {
    await ask('POST', `/v2/storm/shared/blobs/uploads/?mount=${blob.digest}&from=${repository}`, 201);
    ledger.content.set(`/v2/storm/shared/blobs/${blob.digest}`, blob);
  }

  async function pushImage({ manifest, blobs }: SampleImage): Promise<void> {
    for (const blob of blobs) {
      const patches = randomInt(4);
      await (patches === 3 ? pushAtOnce(blob) : pushInParts(blob, patches));
    }
    await pushTag(manifest, 'mine', true);
    for (const blob of blobs) await mount(blob);
    await pushTag(manifest, 'ours', false);
  }

  return async (): Promise<void> => {
    try {
      for (;;) await pushImage(samples.image({ layers: 2, layerBytes: randomInt(100, 300_000) }));
    } catch (failure) {
      if (failure instanceof UnexpectedAnswer) ledger.complaints.push(failure.message);
    }
  };
}

/** Pushes from several clients at once until the server is gone; everything it answers is written into the ledger. */
export async function storm(url: string, ledger: Ledger, clients: number): Promise<void> {
  const pushing = Array.from({ length: clients }, (_, index) => createPushing(url, ledger, `client-${index}`));
  await Promise.all(pushing.map((push) => push()));
}
