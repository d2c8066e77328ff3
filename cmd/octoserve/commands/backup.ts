import type { Command } from '../../../internal/cli/index.ts';
import type { Made } from '../../../internal/maintenance/index.ts';
import { JSON_LINES } from '../shared-options.ts';

export const backup: Command = {
  name: 'backup',
  summary: 'Makes a backup of catalog and content in a folder or bucket, beside a running server too.',
  example: 'octoserve backup /mnt/backup',
  arguments: ['[target]'],
  options: [{ flags: '--keep <count>', doc: 'in place of backup.keep: how many to keep there; 0: all' }, JSON_LINES],
  takesSettings: true,
  async run(input, io) {
    const [{ withStores }, { needBackupPlace, openBackups, tellingBackup }, { count, createFindings }, { parseKeep }] =
      await Promise.all([
        import('../stores.ts'),
        import('../backup.ts'),
        import('../findings.ts'),
        import('../backup-request.ts'),
      ]);
    const keepAsked = parseKeep(input.options['keep']);
    return withStores(input, io, async (stores) => {
      const { config } = stores;
      const place = needBackupPlace(input, config, io);
      const format = (bytes: number): string => `${Math.round(bytes / MIB).toLocaleString('en')} MiB`;
      const findings = createFindings(input, io, { verb: 'Looked at', noun: 'of content', format });
      const stop = new AbortController();
      // What is under way is brought to an end that can be gone on from; a second one ends at once.
      const onSignal = (): void => stop.abort(new Error('it was interrupted; run again, it goes on where it was'));
      process.once('SIGINT', onSignal);
      try {
        const backups = openBackups(stores, place, keepAsked ?? config['backup.keep'], io);
        const made = await tellingBackup(() =>
          backups.make({ signal: stop.signal, onProgress: findings.progress, waits: true }),
        );
        for (const { digest, reason } of made.backup.lacking) {
          findings.tell({ kind: 'content lacking', digest, detail: reason });
        }
        findings.conclude(summaryOf(made), textOf(made));
        return made.backup.lacking.length === 0 ? 0 : 1;
      } finally {
        process.off('SIGINT', onSignal);
      }
    });

    function textOf({ backup: { name, content, copied, lacking }, pruned }: Made): string {
      const all = `${count(content.blobs, 'blob')} (${count(content.bytes, 'byte')})`;
      const fresh = `${count(copied.blobs, 'blob')} (${count(copied.bytes, 'byte')}) of them copied`;
      const without = lacking.length === 0 ? '' : `, ${lacking.length} of them lacking`;
      const gone =
        pruned.backups.length === 0
          ? ''
          : ` ${count(pruned.backups.length, 'old backup')} went, and with that ${count(pruned.bytes, 'byte')}.`;
      return `Made backup ${name} of ${all}, ${fresh}${without}.${gone}`;
    }
  },
};

const MIB = 1024 * 1024;

function summaryOf({ backup: { startedMs, finishedMs, lacking, ...made }, pruned }: Made): object {
  const [started, finished] = [startedMs, finishedMs].map((ms) => new Date(ms).toISOString());
  return { ...made, started, finished, lacking: lacking.length, pruned };
}
