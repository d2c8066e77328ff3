import { createClient } from '../../../../pkg/client/index.ts';
import type { Round } from '../../generator/pool.ts';
import { usageOf } from '../../measure/processes.ts';
import { settle } from '../../measure/settle.ts';
import { imagesFixture, largeFixture } from '../../workloads/fixtures.ts';
import { prepareFixture } from '../../workloads/prepare.ts';
import { clientFigures, rateOf, watchedFigures } from '../figures.ts';
import { startSlowClients } from '../slow.ts';
import type { SlowSpec } from '../slow-clients.ts';
import type { PhaseDeps, PhaseReport, Sizes } from '../types.ts';
import { KEPT_PART, SLOW_BUFFER_BYTES, SOCKET_BYTES, WORK_BYTES } from '../verdict.ts';
import { watchServer } from '../watch.ts';

const NORMAL_CLIENTS = 16;
/** Slow ones are looked at for longer than a second or two. */
const SLOW_TIMES = 4;
const SLOW_REPOSITORY = 'octobench/slow';
/** What a slow writer announces: more than it will come to send, and not more than there is room for. */
const SLOW_BYTES = 1024 * 1024;
const NO_DIGEST = `sha256:${'0'.repeat(64)}`;

/** Normal clients, which pull images. */
function pull({ server, pool, run }: PhaseDeps, label: string, durationMs: number): Promise<Round> {
  const { images } = imagesFixture('octobench');
  return pool.run(
    {
      site: { url: server.url, authHosts: [] },
      work: { kind: 'pull', images },
      connections: NORMAL_CLIENTS,
      durationMs,
      operationLimit: undefined,
      newConnections: false,
      isChecked: true,
      label: `${run}-${label}-`,
    },
    1,
  );
}

interface SlowPhase {
  readonly name: string;
  readonly doc: string;
  readonly spec: SlowSpec;
  /** What each slow client may hold of the server's memory. */
  readonly eachBytes: number;
}

/** Pulls alone, then beside slow clients. */
async function besideSlow(deps: PhaseDeps, { name, doc, spec, eachBytes }: SlowPhase): Promise<PhaseReport> {
  const { server, durationMs, onStep } = deps;
  const rss = (): number => usageOf(server.pid)?.rssBytes ?? 0;
  onStep(`${name}: pulls without them`);
  const alone = await pull(deps, 'alone', durationMs);
  await settle([server.pid], deps.settleMs);
  const idleBytes = rss();
  onStep(`${name}: beginning`);
  const slow = await startSlowClients(spec);
  try {
    await settle([server.pid], deps.settleMs);
    const slowBytes = rss() - idleBytes;
    onStep(`${name}: pulls beside them`);
    const { done, watched } = await watchServer(server, () => pull(deps, 'beside', SLOW_TIMES * durationMs));
    const { lost } = await slow.state();
    return {
      name,
      doc,
      figures: [
        { name: 'slow clients cut off', unit: 'count', value: lost, bound: { kind: 'most', value: 0 } },
        ...clientFigures(done),
        { name: 'rate without them', unit: 'rate', value: rateOf(alone) },
        {
          name: 'rate, of that without',
          unit: 'part',
          value: rateOf(done) / rateOf(alone),
          bound: { kind: 'least', value: KEPT_PART },
        },
        { name: 'p99 without them', unit: 'ms', value: alone.latency.quantile(0.99) },
        {
          name: 'memory of each slow one',
          unit: 'bytes',
          value: slowBytes / spec.clients,
          bound: { kind: 'most', value: eachBytes },
        },
        ...watchedFigures(watched, idleBytes, WORK_BYTES + spec.clients * eachBytes),
      ],
      errors: done.errors,
    };
  } finally {
    await slow.close();
    await settle([server.pid], deps.settleMs);
  }
}

export async function slowReaders(deps: PhaseDeps, { slowClients, largeBytes }: Sizes): Promise<PhaseReport> {
  const { server, onStep } = deps;
  const name = `${slowClients} slow readers`;
  onStep(`${name}: preparing`);
  const fixture = largeFixture('octobench', { largeBytes, tags: 0 });
  const client = createClient({ url: server.url });
  for (const each of [fixture, imagesFixture('octobench')]) await prepareFixture(client, each);
  const { hostname: host, port, host: named } = new URL(server.url);
  const [blob] = fixture.blobs;
  const head = `GET /v2/${fixture.repository}/blobs/${blob?.digest} HTTP/1.1\r\nHost: ${named}\r\n\r\n`;
  return besideSlow(deps, {
    name,
    doc: 'each reads a large blob at 1 KiB/s, while others pull images',
    spec: { host, port: Number(port), clients: slowClients, heads: [head], kind: 'read' },
    eachBytes: SOCKET_BYTES + SLOW_BUFFER_BYTES,
  });
}

/** A session for each, half of them to be written to with PATCH, half with PUT. */
async function openSessions(url: string, count: number): Promise<readonly string[]> {
  const { host } = new URL(url);
  const heads: string[] = [];
  for (let index = 0; index < count; index += 1) {
    const response = await fetch(new URL(`/v2/${SLOW_REPOSITORY}/blobs/uploads/`, url), { method: 'POST' });
    await response.body?.cancel();
    const at = new URL(response.headers.get('location') ?? '', url);
    const line = index % 2 === 0 ? `PATCH ${at.pathname}` : `PUT ${at.pathname}?digest=${NO_DIGEST}`;
    heads.push(
      `${line} HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/octet-stream\r\nContent-Length: ${SLOW_BYTES}\r\n\r\n`,
    );
  }
  return heads;
}

export async function slowWriters(deps: PhaseDeps, { slowClients }: Sizes): Promise<PhaseReport> {
  const { server, onStep } = deps;
  const name = `${slowClients} slow writers`;
  onStep(`${name}: preparing`);
  await prepareFixture(createClient({ url: server.url }), imagesFixture('octobench'));
  const heads = await openSessions(server.url, slowClients);
  const { hostname: host, port } = new URL(server.url);
  return besideSlow(deps, {
    name,
    doc: 'each uploads a large blob at 1 KiB/s, half with PATCH, half with PUT, while others pull images',
    spec: { host, port: Number(port), clients: slowClients, heads, kind: 'write' },
    eachBytes: SOCKET_BYTES + SLOW_BUFFER_BYTES,
  });
}
