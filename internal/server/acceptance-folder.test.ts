import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { startUpload } from '../api/client.suite.ts';
import { askRaw } from '../http/raw-client.suite.ts';
import { refusalOf } from '../http/refusal.suite.ts';
import { shareServer } from './fixtures.suite.ts';

/** Every file and folder below a path, but the database's own. */
async function tree(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder, { recursive: true });
  return names.filter((name) => !/catalog\.db/.test(name)).sort();
}

const TRICKS: readonly (readonly [line: string, refusal: string])[] = [
  ['GET /v2/..%2f..%2fetc/manifests/passwd HTTP/1.1', '400 NAME_INVALID'],
  ['GET /v2/../../etc/passwd HTTP/1.1', '404 NAME_INVALID'],
  ['GET /v2/a/manifests/..%2f..%2f..%2fetc%2fpasswd HTTP/1.1', '400 MANIFEST_INVALID'],
  ['GET /v2/a%00b/tags/list HTTP/1.1', '400 NAME_INVALID'],
  ['GET /v2/a/manifests/x%00 HTTP/1.1', '400 MANIFEST_INVALID'],
  ['PUT /v2/Upper/manifests/1.0 HTTP/1.1', '400 NAME_INVALID'],
  ['POST /v2/..%2fup/blobs/uploads/ HTTP/1.1', '400 NAME_INVALID'],
  [`POST /v2/${'a'.repeat(256)}/blobs/uploads/ HTTP/1.1`, '400 NAME_INVALID'],
  ['GET /v2/a/blobs/sha256:..%2f..%2f..%2fetc%2fpasswd HTTP/1.1', '400 DIGEST_INVALID'],
  ['PATCH /v2/a/blobs/uploads/..%2f..%2fescape HTTP/1.1', '404 BLOB_UPLOAD_UNKNOWN'],
];

describe('the acceptance cases of the contract, on a folder', () => {
  const server = shareServer({ settings: { 'storage.type': 'filesystem', 'storage.durability': 'full' } });

  it('acceptance 27: two clients upload the same 100 MiB at once, both are told 201 and one whole file is kept', async () => {
    const block = createHash('shake256', { outputLength: 1024 * 1024 })
      .update('block')
      .digest();
    const bytes = Buffer.concat(Array.from({ length: 100 }, () => block));
    const hex = createHash('sha256').update(bytes).digest('hex');
    const headers = { 'Content-Type': 'application/octet-stream' };

    const upload = async (): Promise<number> => {
      const path = await startUpload(server, 'big');
      const patched = await fetch(`${server.url}${path}`, { method: 'PATCH', body: bytes, headers });
      expect(patched.status).toBe(202);
      return (await fetch(`${server.url}${path}?digest=sha256:${hex}`, { method: 'PUT' })).status;
    };
    expect(await Promise.all([upload(), upload()])).toEqual([201, 201]);

    const file = join('blobs/sha256', hex.slice(0, 2), hex.slice(2, 4), hex);
    const kept = await readFile(join(server.folder, file));
    expect(createHash('sha256').update(kept).digest('hex')).toBe(hex);
    const files = (await tree(server.folder)).filter(
      (name) => name.includes('/') && !/^blobs\/[^/]*(\/[^/]{2}){0,2}$/.test(name),
    );
    expect(files).toEqual([file]);
  }, 60_000);

  it.each(TRICKS.map((trick) => [trick[0].slice(0, 60), ...trick]))(
    'acceptance 28: a path trick is refused and touches nothing: %s',
    async (_short, line, refusal) => {
      const before = await tree(dirname(server.folder));
      expect(refusalOf(await askRaw(server.port, line, [], /^P/.test(line) ? 'content' : ''))).toBe(refusal);
      expect(await tree(dirname(server.folder))).toEqual(before);
    },
  );
});
