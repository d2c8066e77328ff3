import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readFile, readdir, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { createSamples } from '../images.ts';
import { createPusher } from '../push.ts';
import { openTempFolder, type TempFolder } from '../temp-folder.ts';
import { runCommand, startServer, type ServerProcess } from './server-process.ts';

const README = resolve(import.meta.dirname, '../../../README.md');
const VERSIONS = 12;
/** What the README's rule keeps of them. */
const KEPT = 10;
const LAYER_BYTES = 100_000;

/** The README's chapter about retention: the file that it shows, and its command lines without their comments. */
async function readChapter(): Promise<{ readonly config: string; readonly commands: readonly string[] }> {
  const [, chapter = ''] = (await readFile(README, 'utf8')).split('\n### Retention\n');
  const block = (kind: string): string => new RegExp(`\`\`\`${kind}\n(.*?)\`\`\``, 's').exec(chapter)?.[1] ?? '';
  const commands = block('sh').split('\n').filter(Boolean);
  return { config: block('yaml'), commands: commands.map((line) => line.replace(/#.*/, '').trim()) };
}

async function bytesOn(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const sizes = await Promise.all(files.map(async (file) => (await stat(join(file.parentPath, file.name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** The number before a word. */
const numberIn = (text: string, word: RegExp): number =>
  Number(new RegExp(`([\\d,]+) ${word.source}`).exec(text)?.[1]?.replaceAll(',', ''));

describe("an operator with the README's chapter about retention", () => {
  let folder: TempFolder;
  let server: ServerProcess;
  let commands: readonly string[];

  beforeAll(async () => {
    folder = await openTempFolder('octoserve-space');
    const chapter = await readChapter();
    commands = chapter.commands;
    await writeFile(join(folder.path, 'config.yaml'), chapter.config);
    server = await startServer();
    const [samples, pusher] = [createSamples('space'), createPusher(server.url)];
    for (let version = 1; version <= VERSIONS; version += 1) {
      await pusher.image('team/app', samples.image({ layers: 1, layerBytes: LAYER_BYTES }), `v1.${version}.0`);
    }
  });
  afterAll(async () => {
    await server.close();
    await folder.remove();
  });

  /** Runs the command line as it is written, on the data of the server, which goes on meanwhile. */
  async function follow(line: string | undefined): Promise<string> {
    const words = line?.split(/\s+/).map((word) => (word === 'config.yaml' ? join(folder.path, word) : word)) ?? [];
    expect(words[0]).toBe('octoserve');
    const { code, stdout, stderr } = await runCommand(words.slice(1), { 'storage.path': server.folder });
    expect({ code, stderr }).toMatchObject({ code: 0 });
    return stdout + stderr;
  }

  it('sees by a dry run what a rule would take, runs it, and sees the disk shrink by what was announced', async () => {
    const blobs = join(server.folder, 'blobs');
    const before = await bytesOn(blobs);

    const plan = await follow(commands[0]);
    expect(plan).toMatch(/tagged v1\.1\.0 .*releases: /);
    expect(plan).toMatch(/tagged v1\.2\.0 .*releases: /);
    expect(numberIn(plan, /tags and \d+ manifests would go/)).toBe(VERSIONS - KEPT);
    const announced = numberIn(plan, /bytes would be free/);
    expect(announced).toBeGreaterThan(2 * LAYER_BYTES);
    expect(await bytesOn(blobs)).toBe(before);

    expect(numberIn(await follow(commands[1]), /bytes are free/)).toBe(announced);
    expect(numberIn(await follow(commands[2]), /bytes freed/)).toBe(announced);
    expect(await bytesOn(blobs)).toBe(before - announced);

    const [, inAll = ''] = /^(.*)in all$/m.exec(await follow(commands[3])) ?? [];
    expect(inAll.trim().split(/\s+/)).toEqual([String(before - announced), '0', '0', '0']);
    expect(commands).toHaveLength(4);
    const pulled = await fetch(`${server.url}/v2/team/app/manifests/v1.3.0`);
    expect(pulled.status).toBe(200);
  });
});
