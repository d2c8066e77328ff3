import { TestEnvironment } from 'jest-environment-node';

const DAEMONS = 6;
const LINES = 60;

/** When a test fails, tells what the latest daemons printed last; `e2e/child.ts` lists them in `startedDaemons`. */
export default class FailureEnvironment extends TestEnvironment {
  handleTestEvent({ name, test }) {
    if (name !== 'test_fn_failure' && name !== 'hook_failure') return;
    const daemons = this.global.startedDaemons ?? [];
    process.stderr.write(`\n${test?.name ?? 'a hook'}: failed\n`);
    for (const { title, output } of daemons.slice(-DAEMONS)) {
      const lines = output().trimEnd().split('\n').slice(-LINES);
      process.stderr.write(`--- ${title} printed at the end:\n${lines.join('\n')}\n`);
    }
  }
}
