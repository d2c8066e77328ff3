import type { RegctlCommand } from '../command.ts';
import { CANCELLED, confirmDelete } from '../confirm.ts';
import { done } from '../texts.ts';

export const registryDelete: RegctlCommand = {
  name: 'registry delete',
  summary: 'Deletes a registry with all its packages and versions.',
  example: 'cola-regctl registry delete ops --yes',
  arguments: ['<name>'],
  action: 'delete registry',
  async run(call) {
    const [name = ''] = call.arguments;
    const api = await call.api();
    if (!(await confirmDelete(call, `registry '${name}' and all its packages and versions`))) return CANCELLED;
    await api.send({ method: 'DELETE', path: ['registry', name] });
    return { text: done(`Deleted registry '${name}'`), data: { deleted: true } };
  },
};
