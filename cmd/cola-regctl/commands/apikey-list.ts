import { fieldOf, listOf } from '../answers.ts';
import type { RegctlCommand } from '../command.ts';
import { tableOf } from '../texts.ts';

const COLUMNS = ['id', 'name', 'role', 'prefix', 'expires_at', 'last_used_at'];

export const apikeyList: RegctlCommand = {
  name: 'apikey list',
  summary: 'Lists your API keys; an admin sees all.',
  example: 'cola-regctl apikey list',
  action: 'list API keys',
  async run(call) {
    const data = await (await call.api()).send({ method: 'GET', path: ['apikeys'] });
    const rows = listOf(data).map((key) => COLUMNS.map((column) => fieldOf(key, column) || '-'));
    const heading = COLUMNS.map((column) => column.replaceAll('_', ' ').toUpperCase());
    return { text: rows.length === 0 ? 'No API keys found' : tableOf([heading, ...rows]), data };
  },
};
