import { createClient } from '../../../../pkg/client/index.ts';
import { usageOf } from '../../measure/processes.ts';
import { settle } from '../../measure/settle.ts';
import { clientFigures, watchedFigures } from '../figures.ts';
import type { PhaseDeps, PhaseReport, Sizes } from '../types.ts';
import { SOCKET_BYTES, WORK_BYTES } from '../verdict.ts';
import { watchServer } from '../watch.ts';

const AT_ONCE = 8;
const LAYER_BYTES = 4 * 1024;

interface Described {
  readonly digest: string;
}

/** How many of the images cannot be pulled as they were pushed. */
async function countMissing(url: string, repository: string, tags: readonly string[]): Promise<number> {
  const client = createClient({ url });
  const queue = tags.values();
  let missing = 0;
  async function pullWhole(tag: string): Promise<void> {
    const { bytes } = await client.getManifest(repository, tag);
    const { config, layers } = JSON.parse(Buffer.from(bytes).toString()) as { config: Described; layers: Described[] };
    for (const { digest } of [config, ...layers]) await client.readBlob(repository, digest);
  }
  async function work(): Promise<void> {
    for (const tag of queue) await pullWhole(tag).catch(() => (missing += 1));
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return missing;
}

/** Very many clients that push small images at once; what was acknowledged is there afterwards. */
export async function stormPhase(deps: PhaseDeps, { pushers }: Sizes): Promise<PhaseReport> {
  const { server, pool, processes, durationMs, run, onStep } = deps;
  const name = `${pushers} clients that push`;
  const repository = `octobench/storm-${run}`;
  await settle([server.pid], deps.settleMs);
  const idleBytes = usageOf(server.pid)?.rssBytes ?? 0;
  onStep(`${name}: pushing`);
  const { done, watched } = await watchServer(server, () =>
    pool.run(
      {
        site: { url: server.url, authHosts: [] },
        work: { kind: 'push', repository, layers: 2, layerBytes: LAYER_BYTES },
        connections: pushers,
        durationMs,
        operationLimit: undefined,
        newConnections: false,
        isChecked: true,
        label: `${run}-`,
      },
      processes,
    ),
  );
  onStep(`${name}: pulling what was acknowledged`);
  const missing = await countMissing(server.url, repository, done.pushed);
  return {
    name,
    doc: 'small images',
    figures: [
      ...clientFigures(done),
      { name: 'acknowledged', unit: 'count', value: done.pushed.length, bound: { kind: 'least', value: 1 } },
      { name: 'of these not there', unit: 'count', value: missing, bound: { kind: 'most', value: 0 } },
      ...watchedFigures(watched, idleBytes, WORK_BYTES + pushers * SOCKET_BYTES),
    ],
    errors: done.errors,
  };
}
