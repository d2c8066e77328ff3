import { algorithmOf, digestOf, toDigest, type Algorithm, type Digest, type UploadId } from '../../pkg/oci/index.ts';
import { Body, type BodyEnd } from './body.ts';
import type { Destination, Driver } from './driver.ts';
import type { HashStates } from './hash-states.ts';
import { hashInPlace, type HashThreads, type RunningHash } from './hashing.ts';
import { blobKey, findStored, uploadKey, UPLOADS } from './layout.ts';
import type { SlotPool } from './slots.ts';
import { Turns } from './turns.ts';
import { StorageError } from './types.ts';
import type { Appended, AppendOptions, UploadManager, UploadPosition } from './types.ts';
import { readHead, SMALL_BYTES, type Head } from './upload-head.ts';
import { SlotWriter, UploadSink } from './upload-sink.ts';

export interface UploadDeps {
  readonly driver: Pick<Driver, 'objects' | 'staging'>;
  readonly threads: HashThreads;
  readonly states: HashStates;
  /** Buffers in shared memory, which the disk and the hash threads read where they are. */
  readonly slots: SlotPool;
  /** Milliseconds, from the caller's clock. */
  readonly clock: () => number;
}

const NOTHING = new Uint8Array(0);

export function createUploadManager({ driver, threads, states, slots, clock }: UploadDeps): UploadManager {
  const { objects, staging } = driver;
  const turns = new Turns();

  async function append(
    id: UploadId,
    from: UploadPosition,
    source: AsyncIterable<Uint8Array>,
    options: AppendOptions,
  ): Promise<Appended> {
    const turn = await turns.take(id);
    const body = new Body(source, options.signal ? AbortSignal.any([turn.signal, options.signal]) : turn.signal);
    try {
      return await appendBody(id, from, body, options, turn.signal);
    } finally {
      body.close();
      turn.end();
    }
  }

  async function appendBody(
    id: UploadId,
    from: UploadPosition,
    body: Body,
    options: AppendOptions,
    turn: AbortSignal,
  ): Promise<Appended> {
    const { algorithm, sync, signal } = options;
    const head = await readHead(body, options.expectedBytes, clock);
    turn.throwIfAborted();
    if (head.kind === 'small' && from.offsetBytes === 0 && options.destination) {
      const { bytes, end } = head;
      if (end.kind !== 'end') return { kind: 'broken', position: from, cause: end.cause };
      const position = { offsetBytes: bytes.length, digest: digestOf(bytes, algorithm), bytes };
      return { kind: 'complete', position };
    }
    const hash = await startHash(id, from, algorithm, head.kind);
    try {
      if (options.apart && from.offsetBytes > 0) await staging.detach?.(uploadKey(id), from.offsetBytes);
      const growing = await staging.grow(uploadKey(id), from.offsetBytes, from.state, destinationOf(options));
      const sink = new UploadSink(growing, hash, from.offsetBytes);
      let end: BodyEnd;
      try {
        end = await pour(head, body, sink, () => turn.aborted || signal?.aborted === true);
        turn.throwIfAborted();
      } catch (failure) {
        await growing.finish({ sync: false }).catch(() => undefined); // the first failure is the one to tell
        throw failure;
      }
      const state = await growing.finish({ sync });
      const position = await reached(id, from, sink.offsetBytes, algorithm, hash, state);
      return end.kind === 'end' ? { kind: 'complete', position } : { kind: 'broken', position, cause: end.cause };
    } catch (failure) {
      hash?.drop();
      throw failure;
    }
  }

  /** Writes the body out. Of one that was aborted, nothing more than is under way. */
  async function pour(head: Head, body: Body, sink: UploadSink, aborted: () => boolean): Promise<BodyEnd> {
    if (head.kind === 'small') {
      if (head.bytes.length > 0 && !aborted()) await sink.write(head.bytes);
      return head.end;
    }
    const writer = new SlotWriter(sink, slots, clock);
    try {
      await writer.add(head.bytes);
      await writer.add(head.chunk);
      if (head.slow) await writer.flush();
      let next = await body.next();
      for (; next.kind === 'chunk'; next = await body.next()) await writer.add(next.bytes);
      if (aborted()) writer.drop();
      await writer.finish();
      return next;
    } finally {
      await writer.release();
    }
  }

  async function reached(
    id: UploadId,
    from: UploadPosition,
    offsetBytes: number,
    algorithm: Algorithm,
    hash: RunningHash | undefined,
    state: string | undefined,
  ): Promise<UploadPosition> {
    const before = offsetBytes === from.offsetBytes ? from.digest : undefined;
    const known = hash ? toDigest(algorithm, await hash.digest()) : before;
    if (hash) states.keep(id, offsetBytes, algorithm, hash);
    return { offsetBytes, ...(known && { digest: known }), ...(state !== undefined && { state }) };
  }

  /**
   * The hash that goes on at a position. Undefined where none is at hand: then the stored bytes are read at the end,
   * once, by `digest`, and not once per chunk.
   */
  async function startHash(
    id: UploadId,
    from: UploadPosition,
    algorithm: Algorithm,
    body: Head['kind'],
  ): Promise<RunningHash | undefined> {
    if (from.offsetBytes === 0) return body === 'small' ? hashInPlace(algorithm) : threads.create(algorithm);
    const kept = states.take(id, from.offsetBytes, algorithm);
    if (!kept || kept.runs === 'thread' || body === 'small') return kept;
    return readHash(id, from, threads.create(algorithm)); // what small bodies brought before: little, as a rule
  }

  async function readHash(id: UploadId, at: UploadPosition, hash: RunningHash): Promise<RunningHash> {
    try {
      const content = await staging.open(uploadKey(id), at.offsetBytes, at.state);
      if (!content) throw new StorageError('broken', `the bytes of upload ${id} are gone`);
      try {
        for await (const chunk of content.read()) await hash.update(chunk);
      } finally {
        await content.close();
      }
      return hash;
    } catch (failure) {
      hash.drop();
      throw failure;
    }
  }

  async function digest(id: UploadId, from: UploadPosition, algorithm: Algorithm): Promise<Digest> {
    if (from.digest && algorithmOf(from.digest) === algorithm) return from.digest;
    if (from.offsetBytes === 0) return digestOf(NOTHING, algorithm);
    const fresh = (): RunningHash =>
      from.offsetBytes <= SMALL_BYTES ? hashInPlace(algorithm) : threads.create(algorithm);
    const hash = states.take(id, from.offsetBytes, algorithm) ?? (await readHash(id, from, fresh()));
    const found = toDigest(algorithm, await hash.digest());
    states.keep(id, from.offsetBytes, algorithm, hash);
    return found;
  }

  async function publish(
    id: UploadId,
    at: UploadPosition,
    to: Digest,
    { replace = false }: { readonly replace?: boolean | undefined } = {},
  ): Promise<void> {
    await turns.stop(id);
    if (at.bytes) return objects.put(blobKey(to), at.bytes);
    // The empty blob needs no upload that ever had a byte.
    if (at.offsetBytes === 0) return objects.put(blobKey(to), NOTHING);
    return staging.publish(uploadKey(id), blobKey(to), at.offsetBytes, at.state, replace);
  }

  async function discard(id: UploadId, state?: string): Promise<void> {
    await turns.stop(id);
    states.drop(id);
    await staging.discard(uploadKey(id), state);
  }

  async function* list(): AsyncGenerator<{ readonly id: UploadId; readonly modifiedMs: number }> {
    for await (const { key, modifiedMs } of objects.list(UPLOADS)) {
      const stored = findStored(key);
      if (stored?.kind === 'upload') yield { id: stored.id, modifiedMs };
    }
  }

  const sweep = async (beforeMs: number): Promise<number> => (await staging.sweep?.(beforeMs)) ?? 0;

  return { append, digest, publish, discard, list, sweep };
}

function destinationOf({ destination, expectedBytes }: AppendOptions): Destination | undefined {
  return destination && expectedBytes !== undefined
    ? { key: blobKey(destination), sizeBytes: expectedBytes }
    : undefined;
}
