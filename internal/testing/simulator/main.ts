import { parseArgs } from 'node:util';
import { simulate, type Outcome } from './simulate.ts';

// `make simulate SEEDS=n`: lives through so many histories; `--seed n` lives through one again, and tells its last steps.

const TOLD_EVERY_MS = 10_000;
/** Of those that broke a promise. */
const MOST_TOLD = 10;

function tell({ seed, steps, problem, trace }: Outcome, withTrace: boolean): void {
  const lines = [`seed ${seed}, after ${steps} steps: ${problem ?? 'all promises were kept'}`];
  if (problem !== undefined && !withTrace) lines.push(`(again, step by step: npm run simulate -- --seed ${seed})`);
  process.stdout.write(`${[...(withTrace ? trace() : []), ...lines].join('\n')}\n`);
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      seeds: { type: 'string', default: '2000' },
      from: { type: 'string', default: '0' },
      seed: { type: 'string' },
    },
  });
  if (values.seed !== undefined) {
    const outcome = await simulate(Number(values.seed));
    tell(outcome, true);
    return outcome.problem === undefined ? 0 : 1;
  }
  const from = Number(values.from);
  const to = from + Number(values.seeds);
  let [failed, steps, toldTicks] = [0, 0, performance.now()];
  for (let seed = from; seed < to; seed += 1) {
    const outcome = await simulate(seed);
    steps += outcome.steps;
    if (outcome.problem !== undefined) {
      failed += 1;
      if (failed <= MOST_TOLD) tell(outcome, false);
    }
    if (performance.now() - toldTicks < TOLD_EVERY_MS) continue;
    toldTicks = performance.now();
    process.stderr.write(`${seed + 1 - from} histories, ${failed} of them broke a promise\n`);
  }
  process.stdout.write(`${to - from} histories of ${steps} steps in all: ${failed} broke a promise\n`);
  return failed === 0 ? 0 : 1;
}

process.exitCode = await main();
