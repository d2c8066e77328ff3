import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

// node internal/testing/bench/cola-index.ts [versions]: what index.json and publishing cost with so many versions
// (enhancements/018-cola.md). Wants a machine that does nothing else.

const VERSIONS = Number(process.argv[2] ?? 5000);
const PORT = 5977;
const RATE = 200;
const SECONDS = 10;
const TICKS_PER_SECOND = 100;
const INDEX = '/api/v1/registry/ops/index.json';
const VERSION_PATH = '/api/v1/registry/ops/package/tool/version';

interface Answer {
  readonly status: number;
  readonly etag: string;
  readonly bytes: number;
}

const agent = new Agent({ keepAlive: true, maxSockets: 32 });

function ask(
  method: string,
  path: string,
  body?: object,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request({ port: PORT, host: '127.0.0.1', method, path, agent, headers }, (answer) => {
      let bytes = 0;
      answer.on('data', (chunk: Buffer) => (bytes += chunk.length));
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, etag: String(answer.headers.etag), bytes }));
    });
    sent.on('error', reject);
    sent.end(body && JSON.stringify(body));
  });
}

const quantile = (sorted: readonly number[], part: number): number =>
  sorted[Math.floor((sorted.length - 1) * part)] ?? 0;
const median = (times: readonly number[]): number =>
  quantile(
    times.toSorted((a, b) => a - b),
    0.5,
  );
const say = (text: string): void => void process.stdout.write(`${text}\n`);

async function publish(number: number): Promise<number> {
  const startMs = performance.now();
  const version = `1.${Math.floor(number / 100)}.${number % 100}`;
  const made = { version, checksum: 'a'.repeat(64), url: 'https://dl.example.org/tool.pkg' };
  const { status } = await ask('POST', VERSION_PATH, made);
  if (status !== 201) throw new Error(`publishing ${version} gave ${status}`);
  return performance.now() - startMs;
}

/** Milliseconds of processor that a process has used, where the system says so. */
async function cpuMs(pid: number): Promise<number> {
  const fields = (await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')).split(') ')[1]?.split(' ') ?? [];
  return ((Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) * 1000) / TICKS_PER_SECOND;
}

/** Asks at a steady rate, whether or not answers have come. */
async function load(
  what: string,
  pid: number,
  headers: Readonly<Record<string, string>>,
  publishEvery = 0,
): Promise<void> {
  const latencies: number[] = [];
  const pending: Promise<unknown>[] = [];
  const [startMs, startCpuMs] = [performance.now(), await cpuMs(pid)];
  for (let sent = 0; sent < RATE * SECONDS; sent += 1) {
    const dueMs = startMs + (sent * 1000) / RATE;
    const waitMs = dueMs - performance.now();
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
    if (publishEvery > 0 && sent % publishEvery === 0) pending.push(publish(2 * VERSIONS + sent));
    pending.push(ask('GET', INDEX, undefined, headers).then(() => latencies.push(performance.now() - dueMs)));
  }
  await Promise.all(pending);
  const sorted = latencies.toSorted((a, b) => a - b);
  const each = ((await cpuMs(pid)) - startCpuMs) / sorted.length;
  const [p50, p99, most] = [quantile(sorted, 0.5), quantile(sorted, 0.99), sorted.at(-1) ?? 0].map((ms) =>
    ms.toFixed(1),
  );
  say(`${what}: p50 ${p50} ms, p99 ${p99} ms, most ${most} ms; ${each.toFixed(2)} ms of processor each`);
}

const folder = await mkdtemp(join(tmpdir(), 'cola-bench-'));
const server = spawn(process.execPath, ['cmd/octoserve/main.ts'], {
  env: {
    ...process.env,
    OCTOSERVE_SERVER_PORT: String(PORT),
    OCTOSERVE_STORAGE_PATH: folder,
    OCTOSERVE_LOG_REQUESTS: 'false',
  },
  stdio: ['ignore', 'ignore', 'inherit'],
});
const pid = server.pid ?? 0;
try {
  while (!(await ask('GET', '/livez').catch(() => undefined))) await new Promise((resolve) => setTimeout(resolve, 100));
  await ask('POST', '/api/v1/registry', { name: 'ops' });
  await ask('POST', '/api/v1/registry/ops/package', { name: 'tool' });
  const times: number[] = [];
  for (let number = 0; number < VERSIONS; number += 1) times.push(await publish(number));
  const last: number[] = [];
  for (let number = VERSIONS; number < VERSIONS + 100; number += 1) last.push(await publish(number));
  say(
    `publish: ${median(times.slice(1, 101)).toFixed(1)} ms at first, ${median(last).toFixed(1)} ms with ${VERSIONS} there`,
  );
  const startMs = performance.now();
  const { etag, bytes } = await ask('GET', INDEX);
  say(`rendered once: ${(performance.now() - startMs).toFixed(0)} ms, ${bytes} bytes`);
  const zipped = { 'accept-encoding': 'gzip' };
  await ask('GET', INDEX, undefined, zipped);
  await load('index.json, as command-launcher asks (gzip)', pid, zipped);
  await load('index.json, plain', pid, {});
  await load('index.json, known (304)', pid, { 'if-none-match': etag });
  await load('index.json, gzip, a version published each second', pid, zipped, RATE);
} finally {
  server.kill();
  agent.destroy();
  await new Promise((resolve) => server.once('close', resolve));
  await rm(folder, { recursive: true, force: true });
}
