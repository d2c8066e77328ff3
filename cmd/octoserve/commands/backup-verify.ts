import type { Command } from '../../../internal/cli/index.ts';
import { JSON_LINES } from '../shared-options.ts';

export const backupVerify: Command = {
  name: 'backup verify',
  summary: 'Reads a backup through; exit 1 if its dump or any content that it names is not what was written.',
  example: 'octoserve backup verify /mnt/backup',
  arguments: ['[target]'],
  options: [
    { flags: '--at <name>', doc: 'the backup of that name, or the last whose name begins so; the last without it' },
    JSON_LINES,
  ],
  takesSettings: true,
  async run(input, io) {
    const [
      { needSettings },
      { needBackupPlace, withBackups },
      { count, createFindings },
      { checkBackup, chooseBackup, listBackups, verifyBackup },
    ] = await Promise.all([
      import('../settings.ts'),
      import('../backup.ts'),
      import('../findings.ts'),
      import('../../../internal/maintenance/index.ts'),
    ]);
    const { config } = await needSettings(input, io);
    const { at } = input.options;
    const format = (bytes: number): string => `${Math.round(bytes / MIB).toLocaleString('en')} MiB`;
    const findings = createFindings(input, io, { verb: 'Read', noun: 'of content', format });
    return withBackups(needBackupPlace(input, config, io), config, async (source) => {
      const backup = chooseBackup(await listBackups(source.backups), typeof at === 'string' ? at : undefined);
      await checkBackup(source, backup);
      const verified = await verifyBackup({
        source,
        backup,
        onLacking: ({ digest, reason }) => findings.tell({ kind: 'content lacking', digest, detail: reason }),
        onProgress: findings.progress,
      });
      const { incomplete, ...counts } = verified;
      for (const { repository, tag, lacks } of incomplete) {
        findings.tell({ kind: 'tag incomplete', repository, name: tag, detail: `it lacks ${lacks}` });
      }
      const { blobs, bytes, lacking } = counts;
      const all = `Backup ${backup.name} has ${count(blobs, 'blob')} (${count(bytes, 'byte')})`;
      const state =
        lacking === 0
          ? ', all as they were written.'
          : `, ${lacking} of them lacking; ${count(incomplete.length, 'tag')} could not be pulled completely.`;
      findings.conclude({ backup: backup.name, ...counts, incomplete: incomplete.length }, `${all}${state}`);
      return lacking === 0 ? 0 : 1;
    });
  },
};

const MIB = 1024 * 1024;
