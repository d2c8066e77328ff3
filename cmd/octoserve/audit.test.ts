import { DatabaseSync } from 'node:sqlite';
import { join } from 'node:path';
import { describe, expect, it, jest } from '@jest/globals';
import { pushImage, type Rig } from '../../internal/registry/fixtures.suite.ts';
import { createSamples } from '../../internal/testing/images.ts';
import { parseAuditRequest } from './audit-request.ts';
import { useWorkshop } from './fixtures.suite.ts';

jest.setTimeout(60_000); // each command opens and closes its stores, and there are several in a test

const image = createSamples('audit').image({ layers: 1 });
const by = { principal: 'user:eve', address: '192.0.2.1', requestId: 'r1' };
const workshop = useWorkshop(async (rig, { catalog }) => {
  await pushImage(rig as Rig, 'team/app', image, '1.0');
  const detail = { reason: 'a\u001b[31mb' };
  const denied = { by, nowMs: 1000, action: 'access.push', name: 'PUT x', result: 'denied', detail } as const;
  await catalog.run('recordEvents', { events: [denied] });
});

describe('octoserve audit', () => {
  it('lists what happened, newest first, one line each', async () => {
    await workshop.fill();
    const { exitCode, stdout, stderr } = await workshop.run('audit');
    expect([exitCode, stderr]).toEqual([0, '']);
    const lines = stdout.trimEnd().split('\n');
    expect(lines).toHaveLength(5);
    expect(lines[0]).toContain(`  done  anonymous  192.0.2.1:1234  tag.put  team/app  1.0  nothing -> sha256:`);
    expect(lines[4]).toBe(
      '1970-01-01T00:00:01.000Z  denied  user:eve  192.0.2.1  access.push  PUT x  {"reason":"a\\u001b[31mb"}',
    );
  });

  it('lists only what it was asked for, for programs too', async () => {
    await workshop.fill();
    const { lines } = await workshop.lines('audit', '--result', 'denied', '--until', '2020-01-01');
    expect(lines).toMatchObject([{ sequence: 5, time: '1970-01-01T00:00:01.000Z', principal: 'user:eve' }]);
    expect((await workshop.lines('audit', '--repository', 'team/app', '--limit', '2')).lines).toHaveLength(2);
    expect((await workshop.run('audit', '--action', 'user.delete')).stdout).toBe('');
  });

  it.each([
    ['--since', 'yesterday'],
    ['--limit', '0'],
    ['--action', 'fly'],
    ['--repository', 'A'],
  ])('says what it cannot read: %s %s', async (flag, value) => {
    const { exitCode, stderr } = await workshop.run('audit', flag, value);
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining(`${flag} ${value} is no `)]);
  });

  it.each([
    ['2026-01-31', Date.UTC(2026, 0, 31)],
    ['2026-01-31T10:00Z', Date.UTC(2026, 0, 31, 10)],
    ['2026-01-31T10:00+01:00', Date.UTC(2026, 0, 31, 9)],
    ['90m', 10_000_000 - 5_400_000],
    ['1h30m', 10_000_000 - 5_400_000],
    ['1000d', 0],
  ])('takes %s for a time', (text, ms) => {
    expect(parseAuditRequest({ since: text }, 10_000_000).filter.sinceMs).toBe(ms);
  });
});

describe('octoserve audit verify', () => {
  it('says that all is as it was sealed', async () => {
    await workshop.fill();
    expect(await workshop.run('audit', 'verify')).toEqual({
      exitCode: 0,
      stdout: expect.stringMatching(
        /^Entries 1 to 5 are as they were sealed; their hash is [0-9a-f]{64}\.\n0 entries are not sealed yet\.\n$/,
      ),
      stderr: '',
    });
  });

  it('names the first entry that was altered, exit 1', async () => {
    await workshop.fill();
    const database = new DatabaseSync(join(workshop.data, 'catalog.db'));
    database.exec("update changes set principal = 'user:bob' where principal = 'user:eve'");
    database.close();
    expect(await workshop.run('audit', 'verify')).toMatchObject({
      exitCode: 1,
      stdout: 'Entry 5 was altered.\n0 entries are not sealed yet.\n',
    });
    const { exitCode, stdout } = await workshop.run('audit', 'verify', '--json');
    expect([exitCode, JSON.parse(stdout)]).toMatchObject([1, { fault: { kind: 'altered', sequence: 5 } }]);
  });
});
