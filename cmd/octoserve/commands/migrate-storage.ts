import { resolve } from 'node:path';
import { CliError, UsageError, type Command, type CommandInput, type Io } from '../../../internal/cli/index.ts';
import type { Config } from '../../../internal/server/index.ts';
import { JSON_LINES } from '../shared-options.ts';

export const migrateStorage: Command = {
  name: 'migrate-storage',
  summary: 'Copies all content and records to another storage; run again, it goes on where it was.',
  example: 'octoserve migrate-storage --config folder.json --to bucket.json',
  options: [
    { flags: '--to <file>', doc: 'the configuration of a server on the other storage' },
    { flags: '--to-path <folder>', doc: 'instead: the folder that is the other storage' },
    JSON_LINES,
  ],
  takesSettings: true,
  async run(input, io) {
    const [{ needStores, withStorage }, { newUploadId }, { count, createFindings }, maintenance] = await Promise.all([
      import('../stores.ts'),
      import('../registry.ts'),
      import('../findings.ts'),
      import('../../../internal/maintenance/index.ts'),
    ]);
    const source = await needStores(input, io);
    const target = await readTarget(input, io, source);
    const format = (bytes: number): string => `${Math.round(bytes / MIB).toLocaleString('en')} MiB`;
    const findings = createFindings(input, io, { verb: 'Copied', noun: 'of content', format });
    return withStorage(source, io, (from) =>
      withStorage(target, io, async (storage) => {
        const migrated = await maintenance.migrateStorage({
          from,
          storage,
          newUploadId,
          onProblem: findings.tell,
          onProgress: findings.progress,
        });
        const { blobs, bytes, records, there, skipped } = migrated;
        const copied = `Copied ${count(blobs, 'blob')} (${count(bytes, 'byte')}) and ${count(records, 'record')}`;
        findings.conclude(migrated, `${copied}; ${there} were there already, ${skipped} could not be copied.`);
        return skipped === 0 ? 0 : 1;
      }),
    );
  },
};

const MIB = 1024 * 1024;

async function readTarget({ options }: CommandInput, io: Io, source: Config): Promise<Config> {
  const { to, toPath } = options;
  if ((to === undefined) === (toPath === undefined)) throw new UsageError('give one of --to and --to-path');
  if (typeof toPath === 'string') {
    return { ...source, 'storage.type': 'filesystem', 'storage.path': resolve(io.cwd, toPath) };
  }
  const [{ ConfigError, loadConfig }, { OPTION_TABLES }] = await Promise.all([
    import('../../../internal/config/index.ts'),
    import('../../../internal/server/index.ts'),
  ]);
  try {
    // Variables and flags belong to where content comes from.
    const { config, file } = await loadConfig({ tables: OPTION_TABLES, file: String(to), env: {}, cwd: io.cwd });
    if (file === undefined) throw new CliError(`${String(to)} does not exist`);
    if (config['storage.type'] === 'memory') throw new CliError(`In ${file} storage.type is memory`);
    return config;
  } catch (cause) {
    if (!(cause instanceof ConfigError)) throw cause;
    throw new CliError(`${String(to)}: ${cause.problems.join('\n  ')}`, { cause });
  }
}
