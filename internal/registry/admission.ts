import type { RepositoryName } from '../../pkg/oci/index.ts';
import { lowOnDisk, type DiskGuard } from './disk-guard.ts';
import type { Quotas, Room } from './quotas.ts';
import type { UploadBody } from './uploads.ts';

export interface Admission {
  /** Refuses an upload for which there is no room at all, before it begins. QUOTA_EXCEEDED, STORAGE_FULL. */
  begin(repository: RepositoryName): Promise<void>;
  /** The body, which breaks off where more comes than there is room for; refused at once where it says so itself. */
  admit(repository: RepositoryName, body: UploadBody): Promise<UploadBody>;
}

/** Who may bring how much. What is there already is never in question: reads and deletes do not ask. */
export function createAdmission(quotas: Quotas, disk: Pick<DiskGuard, 'room'>): Admission {
  return {
    async begin(repository) {
      await disk.room();
      await quotas.room(repository);
    },
    async admit(repository, body) {
      if (body.expectedBytes === 0) return body;
      const [onDisk, { bytes, refusal }] = [await disk.room(), await quotas.room(repository)];
      const { expectedBytes = 0 } = body;
      if (expectedBytes > bytes) throw refusal();
      if (expectedBytes > onDisk) throw lowOnDisk();
      // No more comes than was announced, and for a little of it the disk is not looked at twice.
      const isBounded = body.expectedBytes !== undefined && expectedBytes <= LOOK_BYTES;
      if (isBounded || Math.min(bytes, onDisk) === Number.POSITIVE_INFINITY) return body;
      return { ...body, stream: watched(body.stream, { bytes, refusal }, disk) };
    },
  };
}

/** Others write to the disk too: it is looked at again and again. */
const LOOK_BYTES = 16 * 1024 * 1024;

async function* watched(
  stream: AsyncIterable<Uint8Array>,
  { bytes, refusal }: Room,
  disk: Pick<DiskGuard, 'room'>,
): AsyncIterable<Uint8Array> {
  let left = bytes;
  let unseen = 0;
  for await (const chunk of stream) {
    left -= chunk.length;
    unseen += chunk.length;
    if (left < 0) throw refusal();
    if (unseen >= LOOK_BYTES) {
      unseen = 0;
      await disk.room();
    }
    yield chunk;
  }
}
