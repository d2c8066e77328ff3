import { rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { build, type Plugin } from 'esbuild';
import { gatherLicences } from './licences.ts';
import { startText } from './start.ts';
import { findThreads } from './threads.ts';

/** What people start. `octobench` stays as it is: it starts files that lie beside its own. */
const PROGRAMS = ['octoserve', 'registry-server', 'registry-cli', 'cola-registry', 'cola-regctl'] as const;

/** Clients of stores elsewhere, which are large and few need. */
const LEFT_ALONE = ['@aws-sdk/*', 'pg'];

/**
 * A package that is loaded by `import()` is left to Node, which knows the names that one of the older module system
 * exports; of those a bundle has the default alone.
 */
const loadedLate: Plugin = {
  name: 'loaded-late',
  setup(bundle) {
    bundle.onResolve({ filter: /^[^.]/ }, ({ kind, path }) =>
      kind === 'dynamic-import' ? { path, external: true } : undefined,
    );
  },
};

/** Packages of the older module system ask for Node's own modules by `require`, which a module of today lacks. */
const REQUIRE = "const require = process.getBuiltinModule('node:module').createRequire(import.meta.url);";

export interface Bundled {
  readonly programs: readonly string[];
  readonly files: number;
  readonly bytes: number;
}

/**
 * Bundles the programs of the sources at `root` into `<dist>/bundle`, a file for each and shared ones, all in one folder
 * so that a thread's program is found beside whoever starts it; what is loaded by `import()` stays apart. Names are kept
 * as written, and source maps lie beside (`node --enable-source-maps`).
 */
export async function bundlePrograms(root: string, dist: string): Promise<Bundled> {
  const folder = join(dist, 'bundle');
  await rm(folder, { recursive: true, force: true });
  const threads = await findThreads(root);
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: {
      ...Object.fromEntries(PROGRAMS.map((name) => [name, `cmd/${name}/main.ts`])),
      ...Object.fromEntries(threads.map((path) => [basename(path, '.ts'), path])),
    },
    outdir: folder,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    external: LEFT_ALONE,
    plugins: [loadedLate],
    banner: { js: REQUIRE },
    sourcemap: true,
    sourcesContent: false,
    metafile: true,
    logLevel: 'warning',
  });
  await writeFile(join(folder, 'LICENSES.txt'), await gatherLicences(root, Object.keys(metafile.inputs)));
  for (const name of PROGRAMS) {
    const own = join(dist, 'cmd', name, 'main.js');
    await writeFile(own, startText(name));
    await rm(`${own}.map`, { force: true });
  }
  const outputs = Object.entries(metafile.outputs).filter(([path]) => path.endsWith('.js'));
  const bytes = outputs.reduce((sum, [, output]) => sum + output.bytes, 0);
  return { programs: PROGRAMS, files: outputs.length, bytes };
}
