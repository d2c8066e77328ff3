import { CliError, type Command } from '../../../internal/cli/index.ts';
import { hasAny } from '../has-any.ts';
import { JSON_LINES, REPLACE } from '../shared-options.ts';

export const rebuild: Command = {
  name: 'rebuild',
  summary: 'Makes a new catalog from storage alone; exit 1 if anything could not be restored.',
  example: 'octoserve rebuild --replace',
  options: [REPLACE, JSON_LINES],
  takesSettings: true,
  async run(input, io) {
    const [
      { needStores, withCatalog, withStorageReader },
      { makeWay, refusal },
      { count, createFindings },
      { rebuildCatalog },
      { openDoors },
    ] = await Promise.all([
      import('../stores.ts'),
      import('../catalog-to-fill.ts'),
      import('../findings.ts'),
      import('../../../internal/maintenance/index.ts'),
      import('../doors.ts'),
    ]);
    const config = await needStores(input, io);
    const findings = createFindings(input, io, { verb: 'Restored', noun: 'records' });
    return withStorageReader(config, io, async (storage) => {
      if (!(await hasAny(storage.manifests.names()))) {
        throw new CliError('There are no records in storage: there is nothing to rebuild from', {
          hint: '`octoserve config show` tells which storage that is.',
        });
      }
      await makeWay(config, input.options['replace'] === true, io);
      return withCatalog(config, async (catalog) => {
        const rebuilt = await rebuildCatalog({
          storage,
          catalog,
          doors: await openDoors(config),
          clock: Date.now,
          onProblem: findings.tell,
          onProgress: findings.progress,
        });
        if (rebuilt.kind !== 'rebuilt') throw refusal(rebuilt, config);
        const { kind: _, ...counts } = rebuilt;
        const { manifests, tags, skipped, damaged } = counts;
        const restored = `Restored ${count(manifests, 'manifest')} and ${count(tags, 'tag')}`;
        const lost = `${count(skipped, 'record')} could not be restored, ${count(damaged, 'blob')} must be pushed again`;
        const isWhole = skipped + damaged === 0;
        findings.conclude(counts, isWhole ? `${restored}.` : `${restored}; ${lost}.`);
        return isWhole ? 0 : 1;
      });
    });
  },
};
