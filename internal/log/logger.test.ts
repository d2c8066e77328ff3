import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from '@jest/globals';
import { createLogger } from './logger.ts';
import type { LogFormat, LogLevel } from './types.ts';

const REQUEST = {
  method: 'GET',
  path: '/v2/',
  query: '',
  status: 200,
  size: 34,
  duration_ms: 0,
  remote_addr: '127.0.0.1:50312',
  user_agent: 'curl/8.5.0',
};

function setUp(format: LogFormat = 'json', level: LogLevel = 'info') {
  const lines: string[] = [];
  const log = createLogger({ level, format, write: (line) => lines.push(line), now: () => 1_758_028_857_123 });
  return { log, lines, last: () => JSON.parse(lines.at(-1) ?? '') as Record<string, unknown> };
}

describe('createLogger', () => {
  it('writes a request as the contract shows it, in JSON (acceptance case 26)', () => {
    const { log, lines } = setUp();
    log.info('HTTP request', REQUEST);
    expect(lines).toEqual([
      '{"time":"2025-09-16T13:20:57.123Z","level":"INFO","msg":"HTTP request","method":"GET","path":"/v2/","query":"",' +
        '"status":200,"size":34,"duration_ms":0,"remote_addr":"127.0.0.1:50312","user_agent":"curl/8.5.0"}\n',
    ]);
  });

  it('writes a request as the contract shows it, in text (acceptance case 26)', () => {
    const { log, lines } = setUp('text');
    log.info('HTTP request', REQUEST);
    expect(lines).toEqual([
      'time=2025-09-16T13:20:57.123Z level=INFO msg="HTTP request" method=GET path=/v2/ query="" status=200 size=34 ' +
        'duration_ms=0 remote_addr=127.0.0.1:50312 user_agent=curl/8.5.0\n',
    ]);
  });

  it('writes of a secret nothing but whether there is one, where somebody masked it', () => {
    const { log, last } = setUp();
    log.info('Server starting', { storage_token: '***', password: '(not set)', api_key: 'abc' });
    expect(last()).toMatchObject({ storage_token: '***', password: '(not set)', api_key: 'REDACTED' });
  });

  it('writes the levels from its own upwards', () => {
    const levels: LogLevel[] = ['debug', 'info', 'warn', 'error'];
    const written = levels.map((level) => {
      const { log, lines } = setUp('json', level);
      for (const each of levels) log[each]('x');
      return lines.map((line) => (JSON.parse(line) as { level: string }).level);
    });
    expect(written).toEqual([
      ['DEBUG', 'INFO', 'WARN', 'ERROR'],
      ['INFO', 'WARN', 'ERROR'],
      ['WARN', 'ERROR'],
      ['ERROR'],
    ]);
  });

  it('adds the fields of a child to each of its records, and lets a record overrule them', () => {
    const { log, last } = setUp();
    const child = log.child({ a: 1, b: 2 }).child({ c: 3 });
    child.info('x', { b: 4 });
    expect(last()).toMatchObject({ a: 1, b: 4, c: 3 });
  });

  it.each(['json', 'text'] as const)('keeps each record on one line in %s, whatever the values hold', (format) => {
    const { log, lines } = setUp(format);
    log.info('a\nb', { 'k\ney': 'v\r\nlevel=ERROR', nested: { deep: ['\n'] } });
    expect(lines).toHaveLength(1);
    expect(lines[0]?.trimEnd()).not.toMatch(/[\r\n]/);
  });

  it('keeps time, level and msg its own', () => {
    const { log, last } = setUp();
    log.info('real', { msg: 'fake', level: 'ERROR', time: 'never' });
    expect(last()).toMatchObject({ msg: 'real', level: 'INFO', _msg: 'fake', _level: 'ERROR', _time: 'never' });
  });

  it('writes message, causes and stack of an error', () => {
    const { log, last } = setUp();
    log.error('HTTP server error', { error: new TypeError('outer', { cause: new Error('inner', { cause: 'root' }) }) });
    expect(last()).toMatchObject({ error: 'TypeError: outer', causes: ['inner', 'root'] });
    expect(last()['stack']).toMatch(/TypeError: outer[^]*at [^]*caused by: Error: inner[^]*at /);
  });

  it('leaves the stack out below level ERROR', () => {
    const { log, last } = setUp();
    log.warn('x', { error: new Error('outer') });
    expect(last()).toEqual({ time: expect.any(String), level: 'WARN', msg: 'x', error: 'outer' });
  });

  it('ends on errors that are their own cause, and writes those of an AggregateError', () => {
    const { log, last } = setUp();
    const cyclic = new Error('cyclic');
    cyclic.cause = cyclic;
    log.error('x', { error: new AggregateError([new Error('one'), cyclic], 'all') });
    expect(last()).toMatchObject({ error: 'AggregateError: all' });
    expect(last()['causes']).toHaveLength(8);
    expect((last()['causes'] as string[]).slice(0, 3)).toEqual(['one', 'cyclic', 'cyclic']);
  });

  it('writes no credential: not under a telling name, not in a URL, not nested', () => {
    const { log, lines } = setUp();
    log.error('x', {
      authorization: 'Basic hunter2',
      headers: { Cookie: 'hunter2', ok: 'yes', more: [{ client_secret: 'hunter2' }] },
      url: new URL('https://user:hunter2@host/'),
      error: new Error('cannot reach postgres://user:hunter2@db/x'),
    });
    expect(lines.join('')).not.toContain('hunter2');
    expect(lines.join('')).toContain('yes');
  });

  it('bounds a record: long strings, wide lists and cycles', () => {
    const { log, lines } = setUp();
    const cycle: Record<string, unknown> = {};
    cycle['self'] = cycle;
    log.info('x', { long: 'a'.repeat(1_000_000), list: Array.from({ length: 100_000 }, () => 'b'), cycle });
    expect(lines[0]?.length).toBeLessThan(6000);
    expect(lines[0]).toContain('… (995904 more)');
  });

  it('takes values that JSON has no form for', () => {
    const { log, last } = setUp();
    log.info('x', { big: 1n, when: new Date(0), bytes: Buffer.from('abc'), none: undefined, fn: () => 1, nil: null });
    expect(last()).toEqual({
      time: expect.any(String),
      level: 'INFO',
      msg: 'x',
      big: '1',
      when: '1970-01-01T00:00:00.000Z',
      bytes: '(3 bytes)',
      nil: null,
    });
  });
});

describe('createLogger on stdout', () => {
  const script = (body: string) =>
    `import { createLogger } from ${JSON.stringify(new URL('./logger.ts', import.meta.url).href)};
     const log = createLogger({ level: 'info', format: 'json' });
     const many = (count) => { for (let line = 1; line <= count; line += 1) log.info('line', { line }); };
     ${body}`;
  const start = (body: string) => spawn(process.execPath, ['--input-type=module', '-e', script(body)]);
  const lineCount = (output: string) => output.split('\n').length - 1;

  it('loses no record when the process ends by itself', async () => {
    const child = start('many(5000);');
    expect(lineCount(await text(child.stdout))).toBe(5000);
  });

  it('writes what a pipe takes when the process is ended at once', async () => {
    const child = start('many(100); process.exit(3);');
    expect(lineCount(await text(child.stdout))).toBe(100);
  });

  it('writes what waits when the process dies of an error', async () => {
    const child = start('many(100); throw new Error("crash");');
    expect(lineCount(await text(child.stdout))).toBe(100);
  });

  it('flush waits for a slow reader', async () => {
    const child = start('many(5000); await log.flush(); process.exit(0);');
    expect(lineCount(await text(child.stdout))).toBe(5000);
  });

  it('goes on, and ends, when nobody reads any more', async () => {
    const child = start(`
      await new Promise((resolve) => process.stdin.on('end', resolve).resume());
      many(50_000); await log.flush(); many(1); await log.flush();
      process.exitCode = 7;`);
    child.stdout.destroy();
    child.stdin.end();
    const [stderr, code] = await Promise.all([
      text(child.stderr),
      new Promise((resolve) => child.on('close', resolve)),
    ]);
    expect({ stderr, code }).toEqual({ stderr: '', code: 7 });
  });
});
