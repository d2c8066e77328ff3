import { afterAll, describe, expect, it, jest } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { digest, manifestArgs, SIZE, tag } from '../fixtures.suite.ts';
import { parseRepositoryName } from '../../../pkg/oci/index.ts';
import { openFileCatalog } from './catalog.ts';

// Threads and processes start slowly on a machine that is busy with other tests.
jest.setTimeout(60_000);

const folder = mkdtempSync(join(tmpdir(), 'catalog-kill-'));
afterAll(() => rmSync(folder, { recursive: true }));

const repository = parseRepositoryName('team/app');
const CATALOG = new URL('./catalog.ts', import.meta.url).href;
const FIXTURES = new URL('../fixtures.suite.ts', import.meta.url).href;

/** A process that runs `script` with a catalog `c` on the file, and the fixtures `f`. */
function startChild(path: string, script: string) {
  const text = `
    const c = await (await import('${CATALOG}')).openFileCatalog({ path: ${JSON.stringify(path)}, durability: 'full' });
    const f = await import('${FIXTURES}');
    ${script}`;
  const args = ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', text];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  return { child, ended: once(child, 'exit'), lines: createInterface(child.stdout) };
}

/** Eight that push images, each of a blob of its own and with a tag of its own, and say which they were told is kept. */
const PUSH_FOR_EVER = (round: number) => `
  const push = async (w) => {
    for (let i = 0; ; i += 1) {
      const what = '${round}-' + w + '-' + i;
      await f.putBlob(c, '${repository}', 'layer ' + what);
      const blobs = [{ digest: f.digest('layer ' + what), sizeBytes: f.SIZE }];
      const args = f.manifestArgs('${repository}', what, { blobs, tags: [what] });
      const { kind } = await c.run('putManifest', args);
      if (kind === 'stored') process.stdout.write(what + '\\n');
    }
  };
  for (let w = 0; w < 8; w += 1) push(w);
  setInterval(() => c.run('sealChanges', { nowMs: 1, limit: 50 }), 1);`;

describe('a process that is killed', () => {
  it('leaves everything that it acknowledged, whole, and a log without a gap', async () => {
    const path = join(folder, 'killed.db');
    for (const [round, acknowledgements] of [1, 40, 150, 400].entries()) {
      const { child, ended, lines } = startChild(path, PUSH_FOR_EVER(round));
      const kept: string[] = [];
      for await (const line of lines) {
        kept.push(line);
        if (kept.length === acknowledgements) child.kill('SIGKILL');
      }
      expect((await ended)[1]).toBe('SIGKILL');

      const catalog = await openFileCatalog({ path, durability: 'full' });
      for (const what of kept) {
        expect((await catalog.queries.findTag(repository, tag(what)))?.digest).toBe(digest(what));
        expect(await catalog.queries.findBlob(repository, digest(`layer ${what}`))).toEqual({ sizeBytes: SIZE });
        expect(await catalog.run('putManifest', manifestArgs(repository, what, { tags: [tag(what)] }))).toEqual({
          kind: 'stored',
        });
      }
      while ((await catalog.run('sealChanges', { nowMs: 1, limit: 1000 })).sealed > 0);
      const log = await catalog.queries.listChanges({ limit: 1_000_000 });
      expect(log.map(({ sequence }) => sequence)).toEqual(log.map((_, index) => index + 1));
      const tags = await catalog.queries.listTags(repository, { limit: 1_000_000 });
      expect(
        log
          .filter(({ action }) => action === 'tag.put')
          .map(({ name }) => name)
          .toSorted(),
      ).toEqual(tags.toSorted());
      await catalog.close();
    }
  });
});

describe('a process that just ends', () => {
  it('is not kept alive by a catalog that it did not close', async () => {
    const { ended, lines } = startChild(join(folder, 'idle.db'), `console.log('open');`);
    const said: string[] = [];
    for await (const line of lines) said.push(line);
    expect(said).toEqual(['open']);
    expect((await ended)[0]).toBe(0);
  });

  it('is kept alive by a command until that is answered', async () => {
    const script = `c.run('moveCursor', { name: 'x', sequence: 1 }).then(() => console.log('answered'));`;
    const { ended, lines } = startChild(join(folder, 'waiting.db'), script);
    const said: string[] = [];
    for await (const line of lines) said.push(line);
    expect(said).toEqual(['answered']);
    expect((await ended)[0]).toBe(0);
  });
});
