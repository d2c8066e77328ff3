import type { Command } from '../../../internal/cli/index.ts';
import type { Backup } from '../../../internal/maintenance/index.ts';

export const backupList: Command = {
  name: 'backup list',
  summary: 'Lists the backups in a folder or bucket; exit 1 if the last one is damaged or lacks content.',
  example: 'octoserve backup list /mnt/backup',
  arguments: ['[target]'],
  options: [{ flags: '--json', doc: 'as JSON' }],
  takesSettings: true,
  async run(input, io) {
    const [{ needSettings }, { needBackupPlace, withBackups }, { printable, writeJson, writeTable }, { listBackups }] =
      await Promise.all([
        import('../settings.ts'),
        import('../backup.ts'),
        import('../../../internal/cli/index.ts'),
        import('../../../internal/maintenance/index.ts'),
      ]);
    const { config } = await needSettings(input, io);
    const place = needBackupPlace(input, config, io);
    return withBackups(place, config, async (source) => {
      const { backups, unreadable, unfinished } = await listBackups(source.backups);
      const last = backups.at(-1);
      const broken = unreadable.at(-1);
      const isWell = (last?.lacking.length ?? 0) === 0 && !(broken && (!last || broken.name > last.name));
      if (input.options['json'] === true) {
        writeJson(io.stdout, { backups: backups.map(describe), unreadable, unfinished });
        return isWell ? 0 : 1;
      }
      if (backups.length > 0) writeTable(io.stdout, [HEADER, ...backups.map(columnsOf)]);
      else io.stdout.write('There is no backup.\n');
      for (const { reason } of unreadable) io.stdout.write(`${printable(reason)}\n`);
      for (const name of unfinished) io.stdout.write(`backup ${name} is being made, or broke off\n`);
      return isWell ? 0 : 1;
    });
  },
};

const HEADER = ['backup', 'finished', 'blobs', 'bytes', 'copied', 'lacking', 'host', 'version'];

function columnsOf({ name, finishedMs, content, copied, lacking, host, program }: Backup): readonly string[] {
  const numbers = [content.blobs, content.bytes, copied.bytes, lacking.length].map((each) => each.toLocaleString('en'));
  return [name, timeOf(finishedMs), ...numbers, host, program];
}

function describe({ startedMs, finishedMs, ...backup }: Backup): object {
  return { ...backup, started: timeOf(startedMs), finished: timeOf(finishedMs) };
}

const timeOf = (ms: number): string => new Date(ms).toISOString();
