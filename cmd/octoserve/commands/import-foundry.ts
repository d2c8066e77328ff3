import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import { CliError, type Command } from '../../../internal/cli/index.ts';
import { JSON_LINES } from '../shared-options.ts';

export const importFoundry: Command = {
  name: 'import foundry',
  summary: 'Imports the data folder of a Foundry server; exit 1 if anything could not be imported.',
  example: 'octoserve import foundry /srv/foundry/data',
  arguments: ['<folder>'],
  options: [{ flags: '--dry-run', doc: 'tell what would be imported, and write nothing' }, JSON_LINES],
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
    const folder = await maintenance.openFoundryFolder(resolve(io.cwd, path));
    if (!folder) {
      throw new CliError(`${path} holds no registry.db of a Foundry server`, {
        hint: 'Name its storage.dataDir, in which blobs are too.',
      });
    }
    const dryRun = input.options['dryRun'] === true;
    const findings = createFindings(input, io, { verb: 'Read', noun: 'versions' });
    const { importFoundry: importAll } = await facades.loadFoundryTransfer();
    try {
      return await withStores(
        input,
        io,
        async (stores) => {
          const imported = await importAll({
            folder,
            artifacts: createArtifacts({ registry: await openRegistry(stores), catalog: stores.catalog }),
            config: stores.config,
            by: { principal: 'octoserve import', address: 'local', requestId: randomUUID() },
            dryRun,
            onProblem: ({ name, detail }) => findings.tell({ kind: 'not imported', detail: `${name}: ${detail}` }),
            onProgress: findings.progress,
          });
          const { versions, bytes, unchanged, skipped } = imported;
          const verb = dryRun ? 'Would import' : 'Imported';
          const rest = `${unchanged} were there already, ${skipped} could not be imported`;
          const text = `${verb} ${count(versions, 'version')} (${count(bytes, 'byte')}); ${rest}.`;
          findings.conclude({ ...imported, dryRun }, text);
          return skipped === 0 ? 0 : 1;
        },
        { mayBeNew: true },
      );
    } finally {
      folder.close();
    }
  },
};
