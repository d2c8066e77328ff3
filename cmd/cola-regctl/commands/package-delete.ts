import type { RegctlCommand } from '../command.ts';
import { CANCELLED, confirmDelete } from '../confirm.ts';
import { done } from '../texts.ts';

export const packageDelete: RegctlCommand = {
  name: 'package delete',
  summary: 'Deletes a package with all its versions.',
  example: 'cola-regctl package delete ops rollback --yes',
  arguments: ['<registry>', '<package>'],
  action: 'delete package',
  async run(call) {
    const [registry = '', name = ''] = call.arguments;
    const api = await call.api();
    const what = `package '${name}' from registry '${registry}' and all its versions`;
    if (!(await confirmDelete(call, what))) return CANCELLED;
    await api.send({ method: 'DELETE', path: ['registry', registry, 'package', name] });
    return { text: done(`Deleted package '${name}' from registry '${registry}'`), data: { deleted: true } };
  },
};
