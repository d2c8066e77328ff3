import { createHash } from 'node:crypto';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { parseTag } from '../../pkg/oci/index.ts';
import type { Catalog } from '../catalog/index.ts';
import {
  BY,
  openRig,
  pullBlob,
  pushBlob,
  pushImage,
  replaceContent,
  repository,
  type Rig,
} from '../registry/fixtures.suite.ts';
import { createSamples } from '../testing/images.ts';
import { createTold, openEmpty, readDump } from './fixtures.suite.ts';
import { liveThrough } from './history.suite.ts';
import { checkDump, loadDump } from './load.ts';

async function* chunksOf(text: string, size = 1000): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  const buffer = Buffer.alloc(size);
  for (let at = 0; at < bytes.length; at += size) {
    const part = bytes.subarray(at, at + size);
    buffer.set(part);
    yield buffer.subarray(0, part.length); // the same buffer each time, as a reader of files may do it
  }
}

const clock = (): number => 1000;

async function load(catalog: Catalog, text: string): Promise<{ readonly kind: string }> {
  const end = await checkDump(chunksOf(text));
  return loadDump({ catalog, end, bytes: chunksOf(text), clock, onProgress: createTold().onProgress });
}

const samples = createSamples('dump');

describe('dump and load', () => {
  let rig: Rig;
  let loaded: Catalog;
  beforeEach(async () => {
    [rig, loaded] = await Promise.all([openRig(), openEmpty()]);
  });
  afterEach(async () => {
    await Promise.all([rig.close(), loaded.close()]);
  });

  it.each([1, 2, 3, 4, 5])('give the same bytes again, after the random history of seed %i', async (seed) => {
    await liveThrough(rig, seed);
    const text = await readDump(rig.catalog);
    expect(await load(loaded, text)).toEqual({ kind: 'loaded' });
    expect(await readDump(loaded)).toBe(text);
  });

  it('keep quarantined what was: over the same storage nobody is given it, until it is mended', async () => {
    const layer = samples.blob(2 * 1024 * 1024); // of such content only the size is looked at when it is served
    await pushBlob(rig, 'a', layer);
    const rotten = Buffer.from(layer.bytes);
    rotten[4711]! ^= 1;
    await replaceContent(rig, layer.digest, rotten);
    await rig.catalog.run('quarantine', { by: BY, nowMs: 1, digest: layer.digest, problem: 'wrong content' });
    await load(loaded, await readDump(rig.catalog));
    const other = await openRig({ wrapDriver: () => rig.driver, wrapCatalog: () => loaded });
    const refused = { code: 'BLOB_UNKNOWN' };
    await expect(pullBlob(other, 'a', layer.digest)).rejects.toMatchObject(refused);
    await expect(other.registry.blobs.stat(repository('a'), layer.digest)).rejects.toMatchObject(refused);
    const mount = { digest: layer.digest, from: repository('a'), mayPull: () => true };
    const started = await other.registry.uploads.start(BY, repository('b'), { algorithm: 'sha256', mount });
    expect(started.kind).toBe('started');
    await pushBlob(other, 'a', layer);
    expect((await pullBlob(other, 'a', layer.digest)).equals(layer.bytes)).toBe(true);
    await other.close();
  });

  it('keep changes that have no number yet', async () => {
    await pushImage(rig, 'a', samples.image(), 'v1');
    await rig.registry.chores.followChanges();
    await rig.catalog.run('deleteTag', { by: BY, nowMs: 5, repository: repository('a'), tag: parseTag('v1') });
    const text = await readDump(rig.catalog);
    expect(text.match(/"kind":"change","timeMs"/g)).toHaveLength(1);
    await load(loaded, text);
    const seal = { nowMs: 1, limit: 1000 };
    expect(await loaded.run('sealChanges', seal)).toEqual(await rig.catalog.run('sealChanges', seal));
    expect(await readDump(loaded)).toBe(await readDump(rig.catalog));
  });

  it('keep what is in the log beside changes of content', async () => {
    const by = { by: BY, nowMs: 5 };
    const denied = { ...by, action: 'access.push', name: 'v1', repository: repository('a'), result: 'denied' } as const;
    const signin = { ...by, action: 'signin', name: 'bob', detail: { method: 'password' } } as const;
    await rig.catalog.run('recordEvents', { events: [denied, signin] });
    await rig.registry.chores.followChanges();
    await load(loaded, await readDump(rig.catalog));
    const changes = await loaded.queries.listChanges({ limit: 10 });
    expect(changes).toMatchObject([
      { action: 'access.push', repository: 'a', result: 'denied', detail: undefined },
      { action: 'signin', repository: undefined, result: 'done', detail: '{"method":"password"}' },
    ]);
    expect(changes).toEqual(await rig.catalog.queries.listChanges({ limit: 10 }));
  });

  it('take a dump of version 1, whose changes were all done', async () => {
    await pushImage(rig, 'a', samples.image(), 'v1');
    await rig.registry.chores.followChanges();
    const [rows = ''] = (await readDump(rig.catalog)).split('{"kind":"end"');
    const old = rows.replace('"version":2', '"version":1').replaceAll(',"result":"done"', '');
    const { kinds } = JSON.parse(old.slice(0, old.indexOf('\n'))) as { kinds: string[] };
    const counts: Record<string, number> = Object.fromEntries(kinds.map((kind) => [kind, 0]));
    for (const [, kind = ''] of old.matchAll(/^\{"kind":"(\w+)"/gm)) counts[kind] = (counts[kind] ?? 0) + 1;
    const sha256 = createHash('sha256').update(old).digest('hex');
    await load(loaded, `${old}${JSON.stringify({ kind: 'end', rows: counts, sha256 })}\n`);
    expect(await readDump(loaded)).toBe(await readDump(rig.catalog));
  });

  it('make text that says what it is, what is in it, and what it must add up to', async () => {
    const header =
      '{"octoserve":"dump","version":2,"scope":"all",' +
      '"kinds":["repository","blob","quarantine","membership","manifest","facts","tag","pull","deleted","change","seal","cursor",' +
      '"user","group","identity","profile","role","binding","key","workload"]}\n';
    const rows =
      '{"repository":0,"blob":0,"quarantine":0,"membership":0,"manifest":0,"facts":0,"tag":0,"pull":0,"deleted":0,"change":0,"seal":0,' +
      '"cursor":0,"user":0,"group":0,"identity":0,"profile":0,"role":0,"binding":0,"key":0,"workload":0}';
    const sha256 = createHash('sha256').update(header).digest('hex');
    expect(await readDump(rig.catalog)).toBe(`${header}{"kind":"end","rows":${rows},"sha256":"${sha256}"}\n`);
  });

  it('count rows as they are loaded', async () => {
    await liveThrough(rig, 8);
    const text = await readDump(rig.catalog);
    const { progress, onProgress } = createTold();
    const end = await checkDump(chunksOf(text));
    await loadDump({ catalog: loaded, end, bytes: chunksOf(text), clock, onProgress });
    const rows = text.split('\n').length - 3;
    expect(progress).toEqual({ all: rows, sum: rows });
  });

  it('go on where they were broken off with the same dump, and with no other', async () => {
    await liveThrough(rig, 9);
    const text = await readDump(rig.catalog);
    const end = await checkDump(chunksOf(text));
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield* chunksOf(text.slice(0, text.length / 2));
      throw new Error('power cut');
    }
    const { onProgress } = createTold();
    await expect(loadDump({ catalog: loaded, end, bytes: broken(), clock, onProgress })).rejects.toThrow('power cut');
    const holder = `load ${end.sha256}`;
    expect(await loaded.queries.findRestore()).toBe(holder);
    await pushImage(rig, 'a', samples.image());
    expect(await load(loaded, await readDump(rig.catalog))).toEqual({ kind: 'unfinished', holder });
    expect(await load(loaded, text)).toEqual({ kind: 'loaded' });
    expect(await readDump(loaded)).toBe(text);
    expect(await load(loaded, text)).toEqual({ kind: 'notEmpty' });
  });
});

describe('a dump that is read a second time', () => {
  let rig: Rig;
  let loaded: Catalog;
  beforeEach(async () => {
    [rig, loaded] = await Promise.all([openRig(), openEmpty()]);
    await liveThrough(rig, 11);
  });
  afterEach(async () => {
    await Promise.all([rig.close(), loaded.close()]);
  });

  it.each<[string, (text: string) => string | Promise<string>, string]>([
    ['is gone, as what came from a pipe', () => '', 'it breaks off before its end'],
    ['was cut off', (text) => text.slice(0, text.lastIndexOf('{"kind":"end"')), 'it breaks off before its end'],
    ['is another', () => readDump(loaded), 'it changed while it was loaded'],
  ])('and %s is no catalog that was loaded', async (_, change, reason) => {
    const text = await readDump(rig.catalog);
    const end = await checkDump(chunksOf(text));
    const bytes = chunksOf(await change(text));
    const { onProgress } = createTold();
    await expect(loadDump({ catalog: loaded, end, bytes, clock, onProgress })).rejects.toThrow(reason);
    expect(await loaded.queries.findRestore()).toBe(`load ${end.sha256}`);
  });
});

describe('a dump', () => {
  let text: string;
  beforeAll(async () => {
    const rig = await openRig();
    await liveThrough(rig, 10);
    text = await readDump(rig.catalog);
    await rig.close();
  });

  const line = (kind: string): string => new RegExp(`^\\{"kind":"${kind}".*\\n`, 'm').exec(text)?.[0] ?? '';

  it.each<[string, string, (whole: string) => string]>([
    ['is empty', 'damaged', () => ''],
    ['breaks off after a line', 'damaged', (whole) => whole.slice(0, whole.lastIndexOf('{"kind":"end"'))],
    ['breaks off in a line', 'damaged', (whole) => whole.slice(0, -1)],
    ['lacks a row', 'damaged', (whole) => whole.replace(line('tag'), '')],
    ['has a row twice', 'damaged', (whole) => whole.replace(line('tag'), `${line('tag')}${line('tag')}`)],
    [
      'has another tag',
      'damaged',
      (whole) => whole.replace(line('tag'), line('tag').replace(/"name":".*?"/, '"name":"y"')),
    ],
    ['names a blob by no digest', 'damaged', (whole) => whole.replace('"digest":"sha256:', '"digest":"sha256:x')],
    ['has a size below zero', 'damaged', (whole) => whole.replace(/"sizeBytes":\d/, '"sizeBytes":-')],
    ['has a line that is no JSON', 'damaged', (whole) => whole.replace(line('seal'), 'seal\n')],
    ['goes on after its end', 'damaged', (whole) => `${whole}${line('tag')}`],
    ['does not begin with a header', 'damaged', (whole) => whole.slice(whole.indexOf('\n') + 1)],
    [
      'holds something that only a later version knows',
      'newer',
      (whole) => whole.replace('"workload"]', '"workload","wish"]'),
    ],
    ['is of a later version', 'newer', (whole) => whole.replace('"version":2', '"version":3')],
    ['is a logical one', 'logical', (whole) => whole.replace('"scope":"all"', '"scope":"logical"')],
  ])('that %s is not loaded', async (_, failure, change) => {
    const changed = change(text);
    expect(changed).not.toBe(text);
    await expect(checkDump(chunksOf(changed))).rejects.toMatchObject({ name: 'DumpError', failure });
  });

  it('is read the same in chunks of any size, also where they part a letter', async () => {
    const rows = text.replace('"requestId":"request"', '"requestId":"réquest"');
    for (const size of [1, 7, 64, 100_000]) {
      await expect(checkDump(chunksOf(rows, size))).rejects.toThrow('its checksum is another');
      expect(await checkDump(chunksOf(text, size))).toMatchObject({ kind: 'end' });
    }
  });

  it('that is not UTF-8 is not loaded', async () => {
    async function* latin1(): AsyncGenerator<Uint8Array> {
      yield Buffer.from(text.replace('"requestId":"request"', '"requestId":"réquest"'), 'latin1');
    }
    await expect(checkDump(latin1())).rejects.toThrow('it is not UTF-8');
  });
});
