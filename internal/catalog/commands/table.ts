import type { CommandName } from '../types.ts';
import { advanceUpload, claimUpload, renewUpload } from './claims.ts';
import type { Command } from './command.ts';
import { createUpload } from './create-upload.ts';
import { deleteBlob } from './delete-blob.ts';
import { deleteManifest } from './delete-manifest.ts';
import { deleteTag } from './delete-tag.ts';
import { cancelUpload, expireUploads } from './end-uploads.ts';
import { finishUpload } from './finish-upload.ts';
import { dropLease, takeLease } from './leases.ts';
import { mountBlob } from './mount-blob.ts';
import { moveCursor } from './move-cursor.ts';
import { putManifest } from './put-manifest.ts';
import { beginRestore, endRestore } from './restore.ts';
import { restoreRows } from './restore-rows.ts';
import { sealChanges } from './seal-changes.ts';

/**
 * Every command. Durable ones are what a client was promised; the rest may be lost in a power cut (never in a crash of
 * the process): a session then goes on from an older position, a batch is sealed again, a lease runs out.
 */
export const COMMANDS: { readonly [Name in CommandName]: Command<Name> } = {
  createUpload: { run: createUpload, durable: false },
  claimUpload: { run: claimUpload, durable: false },
  renewUpload: { run: renewUpload, durable: false },
  advanceUpload: { run: advanceUpload, durable: false },
  finishUpload: { run: finishUpload, durable: true },
  cancelUpload: { run: cancelUpload, durable: false },
  expireUploads: { run: expireUploads, durable: false },
  mountBlob: { run: mountBlob, durable: true },
  deleteBlob: { run: deleteBlob, durable: true },
  putManifest: { run: putManifest, durable: true },
  deleteTag: { run: deleteTag, durable: true },
  deleteManifest: { run: deleteManifest, durable: true },
  sealChanges: { run: sealChanges, durable: false },
  moveCursor: { run: moveCursor, durable: false },
  takeLease: { run: takeLease, durable: false },
  dropLease: { run: dropLease, durable: false },
  beginRestore: { run: beginRestore, durable: true },
  restoreRows: { run: restoreRows, durable: false },
  endRestore: { run: endRestore, durable: true },
};
