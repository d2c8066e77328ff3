import { writeJson, writeTable, type Command } from '../../../internal/cli/index.ts';
import { WORKLOADS } from '../workloads/table.ts';

export const list: Command = {
  name: 'list',
  summary: 'Lists the workloads.',
  example: 'octobench list --json',
  options: [{ flags: '--json', doc: 'as JSON' }],
  async run({ options }, { stdout }) {
    if (options['json'] === true) {
      writeJson(
        stdout,
        WORKLOADS.map(({ name, doc, connections, counts }) => ({ name, doc, connections, counts })),
      );
    } else {
      const rows = WORKLOADS.map(({ name, doc, connections }) => [name, String(connections), doc]);
      writeTable(stdout, [['workload', 'at once', 'what'], ...rows]);
    }
    return 0;
  },
};
