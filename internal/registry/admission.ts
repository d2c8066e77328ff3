import type { RepositoryName } from '../../pkg/oci/index.ts';
import type { DiskGuard, DiskHold } from './disk-guard.ts';
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
export function createAdmission(quotas: Quotas, disk: Pick<DiskGuard, 'hold'>): Admission {
  return {
    async begin(repository) {
      (await disk.hold()).release();
      (await quotas.hold(repository)).release();
    },
    async admit(repository, body) {
      const { expectedBytes } = body;
      if (expectedBytes === 0) return { body, release: () => undefined };
      const onDisk = await disk.hold();
      try {
        if (expectedBytes !== undefined) await onDisk.take(expectedBytes);
        const quota = await quotas.hold(repository);
        if (expectedBytes !== undefined) await quota.take(expectedBytes);
        const release = (): void => {
          onDisk.release();
          quota.release();
        };
        return { body: { ...body, stream: watched(body, onDisk, quota) }, release };
      } catch (failure) {
        onDisk.release();
        throw failure;
      }
    },
  };
}

/** After so many bytes it is looked again at the disk. */
const LOOK_BYTES = 16 * 1024 * 1024;

function watched({ stream, expectedBytes }: UploadBody, disk: DiskHold, quota: Hold): AsyncIterable<Uint8Array> {
  if (expectedBytes === undefined) {
    return disk.isBounded || quota.isBounded ? noted(counted(stream, disk, quota), disk) : stream;
  }
  // No more comes than was announced, and for a little of it the disk is not looked at twice.
  return disk.isBounded && expectedBytes > LOOK_BYTES ? noted(stream, disk) : stream;
}

/** Takes room for each piece. */
async function* counted(stream: AsyncIterable<Uint8Array>, disk: DiskHold, quota: Hold): AsyncIterable<Uint8Array> {
  for await (const chunk of stream) {
    await disk.take(chunk.length);
    await quota.take(chunk.length);
    yield chunk;
  }
}

/** Tells of what is written, and looks whether others left the disk as it was. */
async function* noted(stream: AsyncIterable<Uint8Array>, disk: DiskHold): AsyncIterable<Uint8Array> {
  // What came last may still be on its way: it is on the disk when as much again has come.
  let [lastBytes, unseenBytes] = [0, 0];
  for await (const chunk of stream) {
    unseenBytes += chunk.length;
    if (unseenBytes >= LOOK_BYTES) {
      disk.wrote(lastBytes);
      [lastBytes, unseenBytes] = [unseenBytes, 0];
      await disk.check();
    }
    yield chunk;
  }
}
