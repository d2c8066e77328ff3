import type { UploadId } from '../../../pkg/oci/index.ts';
import { row, type Work } from '../step.ts';
import type { UploadRow } from '../types.ts';
import { toUploadRow, uploadById } from '../upload-row.ts';

export function* findUpload(id: UploadId): Work<UploadRow | undefined> {
  const stored = yield* row(uploadById, { id });
  return stored && toUploadRow(stored);
}
