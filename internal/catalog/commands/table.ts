import type { CommandName } from '../types.ts';
import { ARTIFACT_COMMANDS } from './artifact-table.ts';
import { AUTH_COMMANDS } from './auth-table.ts';
import { advanceUpload, claimUpload, renewUpload } from './claims.ts';
import type { Command } from './command.ts';
import { createUpload } from './create-upload.ts';
import { deleteBlob } from './delete-blob.ts';
import { deleteManifest } from './delete-manifest.ts';
import { deleteTag } from './delete-tag.ts';
import { cancelUpload, expireUploads } from './end-uploads.ts';
import { finishUpload } from './finish-upload.ts';
import { dropLease, takeLease } from './leases.ts';
import { GC_COMMANDS } from './gc-table.ts';
import { LIMIT_COMMANDS } from './limits.ts';
import { mountBlob } from './mount-blob.ts';
import { moveCursor } from './move-cursor.ts';
import { putManifest } from './put-manifest.ts';
import { recordEvents } from './record-event.ts';
import { beginRestore, endRestore } from './restore.ts';
import { restoreRows } from './restore-rows.ts';
import { SPACE_COMMANDS } from './space-table.ts';
import { SCRUB_COMMANDS } from './scrub-table.ts';
import { sealChanges } from './seal-changes.ts';

/**
 * Every command. Durable ones are what a client was promised; the rest may be lost in a power cut (never in a crash of
 * the process): a session then goes on from an older position, a batch is sealed again, a lease runs out.
 */
export const COMMANDS: { readonly [Name in CommandName]: Command<Name> } = {
  createUpload: { run: createUpload, durable: false, repeatable: true },
  claimUpload: { run: claimUpload, durable: false, repeatable: false },
  renewUpload: { run: renewUpload, durable: false, repeatable: true },
  advanceUpload: { run: advanceUpload, durable: false, repeatable: false },
  finishUpload: { run: finishUpload, durable: true, repeatable: false },
  cancelUpload: { run: cancelUpload, durable: false, repeatable: false },
  expireUploads: { run: expireUploads, durable: false, repeatable: false },
  mountBlob: { run: mountBlob, durable: true, repeatable: true },
  deleteBlob: { run: deleteBlob, durable: true, repeatable: false },
  putManifest: { run: putManifest, durable: true, repeatable: true },
  deleteTag: { run: deleteTag, durable: true, repeatable: false },
  deleteManifest: { run: deleteManifest, durable: true, repeatable: false },
  recordEvents: { run: recordEvents, durable: false, repeatable: true }, // told twice rather than not at all
  sealChanges: { run: sealChanges, durable: false, repeatable: true },
  moveCursor: { run: moveCursor, durable: false, repeatable: true },
  takeLease: { run: takeLease, durable: false, repeatable: true },
  dropLease: { run: dropLease, durable: false, repeatable: true },
  beginRestore: { run: beginRestore, durable: true, repeatable: true },
  restoreRows: { run: restoreRows, durable: false, repeatable: true },
  endRestore: { run: endRestore, durable: true, repeatable: true, unhurried: true },
  ...ARTIFACT_COMMANDS,
  ...GC_COMMANDS,
  ...SPACE_COMMANDS,
  ...SCRUB_COMMANDS,
  ...AUTH_COMMANDS,
  ...LIMIT_COMMANDS,
};
