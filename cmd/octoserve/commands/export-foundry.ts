import { resolve } from 'node:path';
import { CliError, type Command } from '../../../internal/cli/index.ts';
import { JSON_LINES } from '../shared-options.ts';
import { namingFailures } from '../system-failure.ts';

export const exportFoundry: Command = {
  name: 'export foundry',
  summary: 'Writes all versions of Foundry as the reference server keeps them; exit 1 if any content is missing.',
  example: 'octoserve export foundry /srv/foundry/data',
  arguments: ['<folder>'],
  options: [JSON_LINES],
  takesSettings: true,
  async run(input, io) {
    const [{ withStores }, { openRegistry }, { count, createFindings }, { createArtifacts }, facades, maintenance] =
      await Promise.all([
        import('../stores.ts'),
        import('../registry.ts'),
        import('../findings.ts'),
        import('../../../internal/artifacts/index.ts'),
        import('../../../internal/facades/index.ts'),
        import('../../../internal/maintenance/index.ts'),
      ]);
    const [path = ''] = input.arguments;
    const findings = createFindings(input, io, { verb: 'Written', noun: 'versions' });
    const { exportFoundry: exportAll } = await facades.loadFoundryTransfer();
    return withStores(input, io, async (stores) => {
      const folder = await namingFailures(`${path} cannot be made`, () =>
        maintenance.createFoundryFolder(resolve(io.cwd, path)),
      );
      if (!folder) throw new CliError(`${path} is not empty`, { hint: 'Name a folder that is, or is not there yet.' });
      try {
        const exported = await exportAll({
          folder,
          artifacts: createArtifacts({ registry: await openRegistry(stores), catalog: stores.catalog }),
          config: stores.config,
          onProblem: ({ name, detail }) => findings.tell({ kind: 'not exported', detail: `${name}: ${detail}` }),
          onProgress: findings.progress,
        });
        const { packages, versions, bytes, skipped } = exported;
        const what = `${count(versions, 'version')} of ${count(packages, 'package')} (${count(bytes, 'byte')})`;
        findings.conclude(exported, `Exported ${what}; ${skipped} could not be exported.`);
        return skipped === 0 ? 0 : 1;
      } finally {
        folder.close();
      }
    });
  },
};
