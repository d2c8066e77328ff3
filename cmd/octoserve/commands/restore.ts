import { hostname } from 'node:os';
import { setTimeout } from 'node:timers/promises';
import type { Command } from '../../../internal/cli/index.ts';
import { JSON_LINES, REPLACE } from '../shared-options.ts';

/** Between two tries to get a lease that another process has for a moment. */
const PAUSE_MS = 200;

export const restore: Command = {
  name: 'restore',
  summary: 'Fills an empty registry from a backup; exit 1 if a tag or content is not complete.',
  example: 'octoserve restore /mnt/backup',
  arguments: ['[source]'],
  options: [
    { flags: '--at <name>', doc: 'the backup of that name, or the last whose name begins so; the last without it' },
    REPLACE,
    JSON_LINES,
  ],
  takesSettings: true,
  async run(input, io) {
    const [
      stores,
      { makeWay, refusal },
      { needBackupPlace, withBackupsApart },
      { newUploadId },
      { count, createFindings },
      { createProgress },
      { checkBackup, chooseBackup, createAlone, listBackups, restoreBackup, verifyStores },
    ] = await Promise.all([
      import('../stores.ts'),
      import('../catalog-to-fill.ts'),
      import('../backup.ts'),
      import('../registry.ts'),
      import('../findings.ts'),
      import('../../../internal/cli/index.ts'),
      import('../../../internal/maintenance/index.ts'),
    ]);
    const config = await stores.needStores(input, io);
    const { at, replace } = input.options;
    const format = (bytes: number): string => `${Math.round(bytes / MIB).toLocaleString('en')} MiB`;
    const findings = createFindings(input, io, { verb: 'Restored', noun: 'of content', format });
    const never = new AbortController().signal; // interrupted, it is run again and goes on
    return withBackupsApart(needBackupPlace(input, config, io), config, async (source) => {
      const backup = chooseBackup(await listBackups(source.backups), typeof at === 'string' ? at : undefined);
      const end = await checkBackup(source, backup);
      await makeWay(config, replace === true, io);
      return stores.withStorage(config, io, (storage) =>
        stores.withCatalog(config, async (catalog) => {
          const alone = createAlone({
            catalog,
            clock: Date.now,
            holder: `${hostname()}/${process.pid}/restore`,
            pause: () => setTimeout(PAUSE_MS),
          });
          const restored = await restoreBackup(
            {
              source,
              backup,
              end,
              storage,
              catalog,
              newUploadId,
              clock: Date.now,
              random: Math.random,
              onProblem: findings.tell,
              onProgress: findings.progress,
              verify: async (onProblem) => {
                findings.progress.clear();
                const looking = createProgress(io, { verb: 'Looked at', noun: 'names and contents', clock: Date.now });
                await verifyStores({
                  storage,
                  catalog,
                  clock: Date.now,
                  content: false,
                  repair: true,
                  followChanges: async () => undefined, // nobody changes anything meanwhile
                  alone,
                  onProblem: (problem) => {
                    looking.clear();
                    onProblem(problem);
                  },
                  onOrphan: () => undefined, // what lay there before is nobody's, and is collected
                  onProgress: looking,
                });
                looking.clear();
              },
            },
            never,
          );
          if (restored.kind !== 'restored') throw refusal(restored, config);
          for (const { repository, tag, lacks } of restored.incomplete) {
            findings.tell({ kind: 'tag incomplete', repository, name: tag, detail: `it lacks ${lacks}` });
          }
          const { kind: _, incomplete, ...counts } = restored;
          const { tags, manifests, blobs, bytes, damages } = counts;
          const all = `${count(tags, 'tag')}, ${count(manifests, 'manifest')} and ${count(blobs, 'blob')} (${count(bytes, 'byte')})`;
          const lost =
            damages === 0
              ? 'Every tag is complete.'
              : `${count(damages, 'problem')}; ${count(incomplete.length, 'tag')} cannot be pulled completely.`;
          const summary = { backup: backup.name, ...counts, incomplete: incomplete.length };
          findings.conclude(summary, `Restored ${all} of backup ${backup.name}. ${lost}`);
          return damages === 0 ? 0 : 1;
        }),
      );
    });
  },
};

const MIB = 1024 * 1024;
