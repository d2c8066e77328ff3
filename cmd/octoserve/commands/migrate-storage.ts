import { CliError, type Command } from '../../../internal/cli/index.ts';
import { JSON_LINES } from '../shared-options.ts';

export const migrateStorage: Command = {
  name: 'migrate-storage',
  summary: 'Copies all content and records to another storage; run again, it goes on where it was.',
  example: 'octoserve migrate-storage --config folder.json --to bucket.json',
  options: [
    { flags: '--to <file>', doc: 'the configuration of a server on the storage to copy to' },
    { flags: '--to-path <folder>', doc: 'instead: the folder to copy to' },
    { flags: '--from <file>', doc: 'instead: the configuration of a server on the storage to copy from' },
    { flags: '--from-path <folder>', doc: 'instead: the folder to copy from' },
    JSON_LINES,
  ],
  takesSettings: true,
  async run(input, io) {
    const [
      { needStores, withStorage, withStorageReader },
      { isSameStorage, readOther },
      { newUploadId },
      { count, createFindings },
      maintenance,
    ] = await Promise.all([
      import('../stores.ts'),
      import('../other-storage.ts'),
      import('../registry.ts'),
      import('../findings.ts'),
      import('../../../internal/maintenance/index.ts'),
    ]);
    const own = await needStores(input, io);
    const other = await readOther(input, io, own);
    const [source, target] = other.role === 'from' ? [other.config, own] : [own, other.config];
    if (await isSameStorage(source, target)) throw new CliError('Both are the same storage: there is nothing to copy');
    const format = (bytes: number): string => `${Math.round(bytes / MIB).toLocaleString('en')} MiB`;
    const findings = createFindings(input, io, { verb: 'Copied', noun: 'of content', format });
    return withStorageReader(source, io, (from) =>
      withStorage(target, io, async (storage) => {
        const migrated = await maintenance.migrateStorage({
          from,
          storage,
          newUploadId,
          onProblem: findings.tell,
          onProgress: findings.progress,
        });
        const { blobs, bytes, records, there, skipped, stale } = migrated;
        const copied = `Copied ${count(blobs, 'blob')} (${count(bytes, 'byte')}) and ${count(records, 'record')}`;
        const left =
          stale === 0
            ? ''
            : ` ${count(stale, 'record')} there must go: \`octoserve verify --repair\` on it sees to that.`;
        findings.conclude(migrated, `${copied}; ${there} were there already, ${skipped} could not be copied.${left}`);
        return skipped === 0 ? 0 : 1;
      }),
    );
  },
};

const MIB = 1024 * 1024;
