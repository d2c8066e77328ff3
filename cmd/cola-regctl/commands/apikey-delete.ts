import type { RegctlCommand } from '../command.ts';
import { CANCELLED, confirmDelete } from '../confirm.ts';
import { done } from '../texts.ts';

export const apikeyDelete: RegctlCommand = {
  name: 'apikey delete',
  summary: 'Revokes an API key.',
  example: 'cola-regctl apikey delete 7f3a --yes',
  arguments: ['<id>'],
  action: 'delete API key',
  async run(call) {
    const [id = ''] = call.arguments;
    const api = await call.api();
    if (!(await confirmDelete(call, `API key '${id}'`))) return CANCELLED;
    await api.send({ method: 'DELETE', path: ['apikeys', id] });
    return { text: done(`Deleted API key '${id}'`), data: { deleted: true } };
  },
};
