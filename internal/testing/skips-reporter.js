/** Names at the end of a run what was skipped: Jest itself only counts it. */
export default class SkipsReporter {
  onRunComplete(_contexts, { testResults }) {
    const tests = testResults.flatMap((suite) => suite.testResults).filter(({ status }) => status === 'pending');
    const names = new Set(tests.map(({ ancestorTitles, fullName }) => ancestorTitles[0] ?? fullName));
    if (names.size > 0) process.stderr.write(`\nSkipped:\n${[...names].map((name) => `  ${name}\n`).join('')}`);
  }
}
