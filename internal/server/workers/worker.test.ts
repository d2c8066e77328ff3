import { EventEmitter } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { loadConfig } from '../../config/index.ts';
import { openTempFolder, type TempFolder } from '../../testing/temp-folder.ts';
import { eventually, keepingLogger, type Logged } from '../fixtures.suite.ts';
import { OPTION_TABLES } from '../options.ts';
import type { FromPrimary, FromWorker } from './messages.ts';
import { runWorker } from './worker.ts';

/** The `process` of a worker, whose primary is the test. */
class FakeProcess extends EventEmitter {
  readonly said: FromWorker[] = [];
  readonly connected = true;
  held = true;
  readonly channel = { unref: (): void => void (this.held = false) };

  send(message: FromWorker): boolean {
    this.said.push(message);
    return true;
  }
  hear(message: FromPrimary): void {
    this.emit('message', message);
  }
  has(kind: FromWorker['kind']): boolean {
    return this.said.some((message) => message.kind === kind);
  }
}

describe('runWorker', () => {
  let home: TempFolder;
  beforeEach(async () => {
    home = await openTempFolder('octoserve-worker');
  });
  afterEach(() => home.remove());

  async function run() {
    const { config } = await loadConfig({
      tables: OPTION_TABLES,
      env: {},
      flags: { 'storage.path': join(home.path, 'data') },
      cwd: home.path,
    });
    const logged: Logged[] = [];
    const self = new FakeProcess();
    const keeping = keepingLogger(logged);
    const log = { ...keeping, fatal: keeping.error.bind(keeping), flush: async () => undefined };
    const code = runWorker({ config, version: '0.0.0-test', log, self: self as unknown as NodeJS.Process });
    return { self, code, logged };
  }
  const opened = (): boolean => existsSync(join(home.path, 'data'));

  it('takes its part, and ends with 0 when it is told to stop', async () => {
    const { self, code } = await run();
    self.hear({ kind: 'role', role: 'jobs' });
    await eventually('it is ready', () => self.has('ready'));
    expect(opened()).toBe(true);
    expect(self.held).toBe(true);
    self.hear({ kind: 'stop' });
    expect(await code).toBe(0);
    expect(self.held).toBe(false);
  });

  it.each<[string, (self: FakeProcess) => void]>([
    ['its primary', (self) => self.hear({ kind: 'stop' })],
    ['a signal', (self) => void self.emit('SIGTERM')],
  ])('opens nothing when %s stops it before it has a part', async (_who, stop) => {
    const { self, code } = await run();
    stop(self);
    self.hear({ kind: 'role', role: 'jobs' });
    expect(await code).toBe(0);
    expect(self.has('ready')).toBe(false);
    expect(opened()).toBe(false);
    expect(self.held).toBe(false);
  });

  it('stays at a SIGINT, which a terminal sends to the primary too', async () => {
    const { self, code } = await run();
    self.emit('SIGINT');
    self.hear({ kind: 'role', role: 'jobs' });
    await eventually('it is ready', () => self.has('ready'));
    self.hear({ kind: 'stop' });
    expect(await code).toBe(0);
  });
});
