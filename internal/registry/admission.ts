import type { RepositoryName } from '../../pkg/oci/index.ts';
import type { Quotas } from './quotas.ts';
import type { UploadBody } from './uploads.ts';

export interface Admission {
  /** Refuses an upload for which there is no room at all, before it begins. QUOTA_EXCEEDED. */
  begin(repository: RepositoryName): Promise<void>;
  /** The body, which breaks off where more comes than there is room for; refused at once where it says so itself. */
  admit(repository: RepositoryName, body: UploadBody): Promise<UploadBody>;
}

/** Who may bring how much. What is there already is never in question: reads and deletes do not ask. */
export function createAdmission(quotas: Quotas): Admission {
  return {
    async begin(repository) {
      await quotas.room(repository);
    },
    async admit(repository, body) {
      if (quotas.of(repository).length === 0 || body.expectedBytes === 0) return body;
      const { bytes, refusal } = await quotas.room(repository);
      if ((body.expectedBytes ?? 0) > bytes) throw refusal();
      return { ...body, stream: limited(body.stream, bytes, refusal) };
    },
  };
}

async function* limited(
  stream: AsyncIterable<Uint8Array>,
  mostBytes: number,
  refusal: () => Error,
): AsyncIterable<Uint8Array> {
  let left = mostBytes;
  for await (const chunk of stream) {
    left -= chunk.length;
    if (left < 0) throw refusal();
    yield chunk;
  }
}
