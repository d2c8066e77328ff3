import { Refused } from '../api.ts';
import type { RegctlCommand } from '../command.ts';
import { clearOptions, describeOptions, fieldsOf, PACKAGE } from '../described.ts';
import { done } from '../texts.ts';

const CONFLICT = 409;

export const packagePush: RegctlCommand = {
  name: 'package push',
  summary: 'Creates a package, or changes what is given of one that is there.',
  example: "cola-regctl package push ops rollback --description 'Rolls a release back'",
  arguments: ['<registry>', '<package>'],
  options: [...describeOptions(PACKAGE), ...clearOptions(PACKAGE)],
  action: 'push package',
  async run(call) {
    const [registry = '', name = ''] = call.arguments;
    const fields = fieldsOf(call, PACKAGE);
    const api = await call.api();
    const data = { registry, package: name };
    try {
      await api.send({ method: 'POST', path: ['registry', registry, 'package'], body: { name, ...fields } });
      return { text: done(`Created package '${name}' in registry '${registry}'`), data };
    } catch (error) {
      if (!(error instanceof Refused) || error.status !== CONFLICT) throw error;
    }
    await api.send({ method: 'PUT', path: ['registry', registry, 'package', name], body: fields });
    return { text: done(`Updated package '${name}' in registry '${registry}'`), data };
  },
};
