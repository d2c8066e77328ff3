import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomInt } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createAftermath, type Aftermath } from './aftermath.ts';
import { until } from './child.ts';
import { createLedger, type Ledger, type OpenUpload } from './ledger.ts';
import { startServer, type ServerProcess } from './server-process.ts';
import { storm } from './storm.ts';

const ROUNDS = 30;
const CLIENTS = 4;
const LONGEST_ROUND_MS = 300;
/** A request that died with the server holds its upload session for so long. */
const SILENCE_MS = 30_000;
const HEX = '[0-9a-f]';
/** Everything that a data folder holds when nothing is under way. */
const KEPT_FILES = new RegExp(
  [
    `^blobs/sha256/(?<a>${HEX}{2})/(?<b>${HEX}{2})/\\k<a>\\k<b>${HEX}{60}$`,
    `^manifests/[a-z0-9!-]+/(sha256:${HEX}{64}|mine|ours)$`,
    '^catalog\\.db(-wal|-shm)?$',
    '^\\.reserve$',
  ].join('|'),
);

async function listFiles(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => !entry.isDirectory());
  return files.map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
}

describe('kill -9 under parallel pushes', () => {
  let server: ServerProcess;
  let aftermath: Aftermath;
  const everything = createLedger();
  const held: OpenUpload[] = [];

  beforeAll(async () => {
    server = await startServer({ 'log.level': 'warn' });
    aftermath = createAftermath(server);
  });
  afterAll(() => server.close());

  it(
    'keeps whatever was acknowledged, in thirty rounds',
    async () => {
      for (let round = 0; round < ROUNDS; round += 1) {
        const ledger: Ledger = { ...createLedger(), tags: everything.tags, ackedTags: everything.ackedTags };
        const pushes = storm(server.url, ledger, CLIENTS);
        await sleep(randomInt(LONGEST_ROUND_MS));
        await server.kill();
        await pushes;
        await server.start();

        const wrong = [...ledger.complaints, ...(await aftermath.findWrongUploads(ledger))];
        for (const upload of ledger.uploads.values()) {
          const isLeftBehind = randomInt(2) === 0;
          if (!isLeftBehind && (await aftermath.resume(upload, ledger)) === 'held') held.push(upload);
        }
        wrong.push(...(await aftermath.findLost(ledger.content)), ...(await aftermath.findWrongTags(ledger)));
        expect({ round, wrong }).toEqual({ round, wrong: [] });
        for (const [path, sample] of ledger.content) everything.content.set(path, sample);
      }
      expect(everything.content.size).toBeGreaterThan(ROUNDS);
    },
    4 * SILENCE_MS,
  );

  it(
    'goes on with an upload whose last request died with the server',
    async () => {
      for (const upload of held) {
        const isDone = async (): Promise<boolean> => (await aftermath.resume(upload, everything)) === 'done';
        await until(`${upload.path} is free`, 2 * SILENCE_MS, isDone);
      }
      expect(await aftermath.findLost(everything.content)).toEqual([]);
    },
    3 * SILENCE_MS,
  );

  it(
    'leaves no temporary file for ever',
    async () => {
      const uploads = join(server.folder, 'uploads');
      expect(await listFiles(uploads)).not.toEqual([]);
      await server.stop();
      await server.start({ 'registry.upload_expiry': '1s', 'log.level': 'warn' });
      await until('uploads are swept', 2 * SILENCE_MS, async () => (await listFiles(uploads)).length === 0);
      expect((await listFiles(server.folder)).filter((file) => !KEPT_FILES.test(file))).toEqual([]);
    },
    3 * SILENCE_MS,
  );
});
