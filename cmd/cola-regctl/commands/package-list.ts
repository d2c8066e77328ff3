import { listOf, shown } from '../answers.ts';
import type { RegctlCommand } from '../command.ts';
import { tableOf } from '../texts.ts';

export const packageList: RegctlCommand = {
  name: 'package list',
  summary: 'Lists the packages of a registry.',
  example: 'cola-regctl package list ops',
  arguments: ['<registry>'],
  action: 'list packages',
  async run(call) {
    const [registry = ''] = call.arguments;
    const data = await (await call.api()).send({ method: 'GET', path: ['registry', registry, 'package'] });
    const rows = listOf(data)
      .map(shown)
      .map(({ name, description, count }) => [name, description, String(count)]);
    const none = `No packages found in registry '${registry}'`;
    return { text: rows.length === 0 ? none : tableOf([['NAME', 'DESCRIPTION', 'VERSIONS'], ...rows]), data };
  },
};
