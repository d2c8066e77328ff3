import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { UsageError, writeJson, writeTable, type Command, type CommandInput } from '../../../internal/cli/index.ts';
import { STEPS } from '../goals/steps.ts';
import type { Step } from '../goals/types.ts';
import { ROUND_FLAGS, roundFlags, textOf } from './flags.ts';
import { createSteps } from './steps.ts';

export const goals: Command = {
  name: 'goals',
  summary: 'Runs our server next to CNCF distribution and a bare Node server; exit 1 where a goal is missed.',
  example: 'octobench goals --rounds 9 --html goals.html',
  options: [
    ...ROUND_FLAGS,
    { flags: '--only <steps>', doc: `some of the steps: ${STEPS.map(({ name }) => name).join(',')}` },
    { flags: '--folder <path>', doc: 'for the servers’ files (default: one below ~/.cache, removed afterwards)' },
  ],
  async run(input, io) {
    const flags = roundFlags(input.options);
    const steps = chooseSteps(input.options);
    const [{ runGoals }, { GOAL_HEADINGS, goalRows, missedCount }, peers, report, page, { writeMachine }] =
      await Promise.all([
        import('../goals/run.ts'),
        import('../goals/table.ts'),
        import('../peers/distribution.ts'),
        import('../goals/report.ts'),
        import('../report/page.ts'),
        import('../report/table.ts'),
      ]);
    const shown = createSteps(io);
    const program = await peers.findDistribution(io.env, shown.tell);
    const own = textOf(input.options, 'folder');
    const cache = peers.cacheFolder(io.env);
    await mkdir(cache, { recursive: true });
    const folder = own === undefined ? await mkdtemp(join(cache, 'run-')) : resolve(io.cwd, own);
    const startedAt = new Date();
    try {
      const result = await runGoals({ ...flags, steps, program, folder, onStep: shown.tell }).finally(shown.end);
      const whole = report.reportGoals(result, startedAt, flags);
      const rows = goalRows(result);
      if (input.options['json'] === true) writeJson(io.stdout, { ...whole, goals: report.goalFigures(result) });
      else {
        writeMachine(io.stdout, whole);
        writeTable(io.stdout, [GOAL_HEADINGS, ...rows]);
      }
      const path = textOf(input.options, 'html');
      if (path !== undefined) {
        await writeFile(resolve(io.cwd, path), page.renderPage(whole, page.table(GOAL_HEADINGS, rows)));
      }
      return missedCount(result) > 0 ? 1 : 0;
    } finally {
      if (own === undefined) await rm(folder, { recursive: true, force: true, maxRetries: 3 });
    }
  },
};

function chooseSteps(options: CommandInput['options']): readonly Step[] {
  const names = textOf(options, 'only')?.split(',');
  if (!names) return STEPS;
  const unknown = names.find((name) => !STEPS.some((step) => step.name === name));
  if (unknown !== undefined) throw new UsageError(`there is no step ${unknown}`);
  return STEPS.filter(({ name }) => names.includes(name));
}
