import { randomUUID } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { CliError, UsageError, type Command } from '../../../internal/cli/index.ts';
import { findRepositoryName, type RepositoryName } from '../../../pkg/oci/index.ts';
import { hasAny } from '../has-any.ts';
import { JSON_LINES } from '../shared-options.ts';

export const importOctoserve: Command = {
  name: 'import octoserve',
  summary: 'Imports the folder of an older Octoserve; exit 1 if anything could not be imported.',
  example: 'octoserve import octoserve /srv/old/data --name team_app=team/app',
  arguments: ['<folder>'],
  options: [
    { flags: '--name <old=new>', doc: 'what a repository was called, where / was written as _; several with commas' },
    { flags: '--dry-run', doc: 'tell what would be imported, and write nothing' },
    JSON_LINES,
  ],
  takesSettings: true,
  async run(input, io) {
    const [{ withStores }, { newUploadId, openRegistry }, { count, createFindings }, { openOldTree }, maintenance] =
      await Promise.all([
        import('../stores.ts'),
        import('../registry.ts'),
        import('../findings.ts'),
        import('../../../internal/storage/index.ts'),
        import('../../../internal/maintenance/index.ts'),
      ]);
    const names = readNames(input.options['name']);
    const [folder = ''] = input.arguments;
    const path = resolve(io.cwd, folder);
    const tree = (await isFolder(path)) ? await openOldTree(path) : undefined;
    if (!tree) throw new CliError(`There is no folder ${folder}`);
    if (!(await hasAny(tree.files()))) {
      throw new CliError(`${folder} holds no manifests of an older Octoserve`, {
        hint: 'Name its data folder, in which blobs and manifests are.',
      });
    }
    const dryRun = input.options['dryRun'] === true;
    const findings = createFindings(input, io, { verb: 'Read', noun: 'tags and manifests' });
    const importThem = async (stores: Parameters<typeof openRegistry>[0]): Promise<number> => {
      const imported = await maintenance.importOctoserve({
        ...stores,
        tree,
        registry: await openRegistry(stores),
        by: { principal: 'octoserve import', address: 'local', requestId: randomUUID() },
        clock: Date.now,
        newUploadId,
        names,
        dryRun,
        onProblem: findings.tell,
        onNote: (note) => findings.tell({ kind: 'note', ...note }),
        onProgress: findings.progress,
      });
      const { manifests, tags, blobs, bytes, skipped } = imported;
      const what = `${count(manifests, 'manifest')}, ${count(tags, 'tag')} and ${count(blobs, 'blob')}`;
      const verb = dryRun ? 'Would import' : 'Imported';
      const left = `${skipped} of what is there could not be imported`;
      findings.conclude({ ...imported, dryRun }, `${verb} ${what} (${count(bytes, 'byte')}); ${left}.`);
      return skipped === 0 ? 0 : 1;
    };
    return withStores(input, io, importThem, { mayBeNew: true });
  },
};

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

/** `team_app=team/app,a_b=a/b` */
function readNames(text: string | boolean | undefined): ReadonlyMap<string, RepositoryName> {
  const pairs = typeof text === 'string' ? text.split(',') : [];
  return new Map(
    pairs.map((pair) => {
      const [folder = '', name = '', ...more] = pair.split('=');
      const repository = findRepositoryName(name);
      if (folder === '' || !repository || more.length > 0) {
        throw new UsageError(`--name ${pair} is not of the form team_app=team/app`);
      }
      return [folder, repository] as const;
    }),
  );
}
