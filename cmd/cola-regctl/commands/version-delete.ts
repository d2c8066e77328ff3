import type { RegctlCommand } from '../command.ts';
import { CANCELLED, confirmDelete } from '../confirm.ts';
import { done } from '../texts.ts';

export const versionDelete: RegctlCommand = {
  name: 'version delete',
  summary: 'Deletes a version. Where it is the last one, clients remove the package.',
  example: 'cola-regctl version delete ops rollback 2.4.1 --yes',
  arguments: ['<registry>', '<package>', '<version>'],
  action: 'delete version',
  async run(call) {
    const [registry = '', name = '', version = ''] = call.arguments;
    const api = await call.api();
    const what = `version '${version}' from package '${name}' in registry '${registry}'`;
    if (!(await confirmDelete(call, what))) return CANCELLED;
    await api.send({ method: 'DELETE', path: ['registry', registry, 'package', name, 'version', version] });
    return { text: done(`Deleted ${what}`), data: { deleted: true } };
  },
};
