import type { RepositoryName } from '../../pkg/oci/index.ts';
import { lowOnDisk, type DiskGuard } from './disk-guard.ts';
import type { Hold, Quotas } from './quotas.ts';
import type { UploadBody } from './uploads.ts';

export interface Admission {
  /** Refuses an upload for which there is no room at all, before it begins. QUOTA_EXCEEDED, STORAGE_FULL. */
  begin(repository: RepositoryName): Promise<void>;
  /** Lets a body in, or refuses it at once where it says itself that it is more than there is room for. */
  admit(repository: RepositoryName, body: UploadBody): Promise<Admitted>;
}

export interface Admitted {
  /** Breaks off where more comes than there is room for. */
  readonly body: UploadBody;
  /** Ends what was reserved for it: to be called when it is settled, or given up. */
  readonly release: () => void;
}

/** Who may bring how much. What is there already is never in question: reads and deletes do not ask. */
export function createAdmission(quotas: Quotas, disk: Pick<DiskGuard, 'room'>): Admission {
  return {
    async begin(repository) {
      await disk.room();
      (await quotas.hold(repository)).release();
    },
    async admit(repository, body) {
      const { expectedBytes } = body;
      if (expectedBytes === 0) return { body, release: () => undefined };
      const onDisk = await disk.room();
      if (expectedBytes !== undefined && expectedBytes > onDisk) throw lowOnDisk();
      const hold = await quotas.hold(repository);
      if (expectedBytes !== undefined) await hold.take(expectedBytes);
      // No more comes than was announced, and for a little of it the disk is not looked at twice.
      const isWatched = expectedBytes === undefined ? hold.isBounded || onDisk < Infinity : expectedBytes > LOOK_BYTES;
      const stream = isWatched
        ? watched(body.stream, expectedBytes === undefined ? hold : undefined, disk)
        : body.stream;
      return { body: { ...body, stream }, release: () => hold.release() };
    },
  };
}

/** Others write to the disk too: it is looked at again and again. */
const LOOK_BYTES = 16 * 1024 * 1024;

async function* watched(
  stream: AsyncIterable<Uint8Array>,
  hold: Pick<Hold, 'take'> | undefined,
  disk: Pick<DiskGuard, 'room'>,
): AsyncIterable<Uint8Array> {
  let unseen = 0;
  for await (const chunk of stream) {
    await hold?.take(chunk.length);
    unseen += chunk.length;
    if (unseen >= LOOK_BYTES) {
      unseen = 0;
      await disk.room();
    }
    yield chunk;
  }
}
