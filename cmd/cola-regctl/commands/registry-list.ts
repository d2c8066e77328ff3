import { listOf, shown } from '../answers.ts';
import type { RegctlCommand } from '../command.ts';
import { tableOf } from '../texts.ts';

export const registryList: RegctlCommand = {
  name: 'registry list',
  summary: 'Lists the registries of the server.',
  example: 'cola-regctl registry list --json',
  action: 'list registries',
  async run(call) {
    const data = await (await call.api()).send({ method: 'GET', path: ['registry'] });
    const rows = listOf(data)
      .map(shown)
      .map(({ name, description, count }) => [name, description, String(count)]);
    const text = rows.length === 0 ? 'No registries found' : tableOf([['NAME', 'DESCRIPTION', 'PACKAGES'], ...rows]);
    return { text, data };
  },
};
