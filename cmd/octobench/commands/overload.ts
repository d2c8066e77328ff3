import { mkdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { PRODUCT_VERSION, UsageError, writeJson, writeTable, type Command } from '../../../internal/cli/index.ts';
import { PHASES, type PhaseName } from '../overload/types.ts';
import { countOf, durationOf, sizeOf, textOf } from './flags.ts';
import { createSteps } from './steps.ts';

const MIB = 1024 * 1024;

export const overload: Command = {
  name: 'overload',
  summary: 'Asks more of our server than it can do, and says how it bore that; exit 1 where it did not bear it well.',
  example: 'octobench overload --only crowd,storm --duration 5s',
  options: [
    { flags: '--only <phases>', doc: `some of ${PHASES.join(',')}` },
    { flags: '--duration <time>', doc: 'of each measurement (default: 4s)' },
    { flags: '--settle <time>', doc: 'that the machine gets to come to rest in between, at most (default: 5s)' },
    { flags: '--clients <count>', doc: 'of the largest crowd (default: 5000)' },
    { flags: '--slow <count>', doc: 'clients that read, and that write, 1 KiB/s (default: 500)' },
    { flags: '--streams <count>', doc: 'downloads at once (default: 1000)' },
    { flags: '--pushers <count>', doc: 'clients that push at once (default: 250)' },
    { flags: '--large <size>', doc: 'of the blob that is read slowly (default: 1GiB)' },
    { flags: '--stream-size <size>', doc: 'of the blob that is downloaded (default: 16MiB)' },
    { flags: '--workers <count>', doc: 'of the server (default: 1, as it comes)' },
    { flags: '--folder <path>', doc: 'for the server’s files (default: one below ~/.cache, removed afterwards)' },
    { flags: '--json', doc: 'as JSON' },
  ],
  async run({ options }, io) {
    const only = choosePhases(textOf(options, 'only'));
    const sizes = {
      clients: countOf(options, 'clients') ?? 5000,
      slowClients: countOf(options, 'slow') ?? 500,
      streams: countOf(options, 'streams') ?? 1000,
      pushers: countOf(options, 'pushers') ?? 250,
      largeBytes: sizeOf(options, 'large') ?? 1024 * MIB,
      streamBytes: sizeOf(options, 'streamSize') ?? 16 * MIB,
    };
    const durationMs = durationOf(options, 'duration') ?? 4000;
    const settleMs = durationOf(options, 'settle') ?? 5000;
    const workers = textOf(options, 'workers') ?? '1';
    const [{ runOverload }, { overloadRows }, { isMissed, missedFigures }, { cacheFolder }, { describeMachine }] =
      await Promise.all([
        import('../overload/run.ts'),
        import('../overload/table.ts'),
        import('../overload/verdict.ts'),
        import('../peers/distribution.ts'),
        import('../measure/machine.ts'),
      ]);
    const own = textOf(options, 'folder');
    const folder = own === undefined ? join(cacheFolder(io.env), `overload-${process.pid}`) : resolve(io.cwd, own);
    await mkdir(folder, { recursive: true });
    const steps = createSteps(io);
    const startedAt = new Date().toISOString();
    try {
      const whole = { only, sizes, durationMs, settleMs, workers, folder, onStep: steps.tell };
      const phases = await runOverload(whole).finally(steps.end);
      if (options['json'] === true) {
        const judged = phases.map(({ figures, ...phase }) => ({
          ...phase,
          figures: figures.map((figure) => ({ ...figure, missed: isMissed(figure) })),
        }));
        const settings = { durationMs, settleMs, workers, ...sizes };
        const version = PRODUCT_VERSION;
        writeJson(io.stdout, {
          program: 'octobench overload',
          version,
          startedAt,
          machine: describeMachine(),
          settings,
          phases: judged,
        });
      } else writeTable(io.stdout, overloadRows(phases));
      return missedFigures(phases) > 0 ? 1 : 0;
    } finally {
      if (own === undefined) await rm(folder, { recursive: true, force: true, maxRetries: 3 });
    }
  },
};

function choosePhases(text: string | undefined): readonly PhaseName[] {
  if (text === undefined) return PHASES;
  const names = text.split(',');
  const unknown = names.find((name) => !PHASES.some((phase) => phase === name));
  if (unknown !== undefined) throw new UsageError(`there is no phase ${unknown}`);
  return PHASES.filter((phase) => names.includes(phase));
}
