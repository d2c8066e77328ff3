import { createClient } from '../../../../pkg/client/index.ts';
import { usageOf } from '../../measure/processes.ts';
import { settle } from '../../measure/settle.ts';
import { largeFixture } from '../../workloads/fixtures.ts';
import { prepareFixture } from '../../workloads/prepare.ts';
import { clientFigures, watchedFigures } from '../figures.ts';
import type { PhaseDeps, PhaseReport, Sizes } from '../types.ts';
import { BUFFERS_BYTES, SOCKET_BYTES } from '../verdict.ts';
import { watchServer } from '../watch.ts';

/** One blob in very many streams at once, each checked. */
export async function streamsPhase(deps: PhaseDeps, { streams, streamBytes }: Sizes): Promise<PhaseReport> {
  const { server, pool, processes, run, onStep } = deps;
  const name = `${streams} downloads at once`;
  onStep(`${name}: preparing`);
  const fixture = largeFixture('octobench/streams', { largeBytes: streamBytes, tags: 0 });
  await prepareFixture(createClient({ url: server.url }), fixture);
  const { repository, blobs } = fixture;
  const path = `/v2/${repository}/blobs/${blobs[0]?.digest}`;
  await settle([server.pid], deps.settleMs);
  const idleBytes = usageOf(server.pid)?.rssBytes ?? 0;
  onStep(`${name}: under way`);
  const { done, watched } = await watchServer(server, () =>
    pool.run(
      {
        site: { url: server.url, authHosts: [] },
        work: { kind: 'read', reads: [{ method: 'GET', path, repository }] },
        connections: streams,
        durationMs: 1,
        operationLimit: 1,
        newConnections: false,
        isChecked: true,
        label: `${run}-streams-`,
      },
      processes,
    ),
  );
  return {
    name,
    doc: 'each of one large blob',
    figures: [
      ...clientFigures(done),
      { name: 'received', unit: 'bytes', value: done.receivedBytes },
      { name: 'by the second', unit: 'bytes', value: (done.receivedBytes / done.elapsedMs) * 1000 },
      ...watchedFigures(watched, idleBytes, BUFFERS_BYTES + streams * SOCKET_BYTES),
    ],
    errors: done.errors,
  };
}
