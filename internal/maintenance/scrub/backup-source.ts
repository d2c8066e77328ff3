import type { BackupSource } from '../../storage/index.ts';
import type { RepairSource } from './types.ts';

/**
 * Content of a backup. It is opened when something is to be brought back: what is not there just now, as a disk that is
 * mounted for backups only, may be there then.
 */
export function createBackupSource(openSource: () => Promise<BackupSource | undefined>, place: string): RepairSource {
  let opening: Promise<BackupSource | undefined> | undefined;

  async function open(): Promise<BackupSource> {
    opening ??= openSource();
    const source = await opening.catch((failure: unknown) => {
      opening = undefined;
      throw failure;
    });
    if (source) return source;
    opening = undefined;
    throw new Error(`there is no folder ${place}`);
  }

  return {
    name: 'backup',
    open: async ({ digest }) => (await open()).blobs.open(digest),
    close: async () => (await opening?.catch(() => undefined))?.close(),
  };
}
