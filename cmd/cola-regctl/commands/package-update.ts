import type { RegctlCommand } from '../command.ts';
import { clearOptions, describeOptions, fieldsOf, PACKAGE } from '../described.ts';
import { done } from '../texts.ts';

export const packageUpdate: RegctlCommand = {
  name: 'package update',
  summary: 'Changes what is given of a package, and nothing else.',
  example: 'cola-regctl package update ops rollback --maintainer sre --maintainer platform',
  arguments: ['<registry>', '<package>'],
  options: [...describeOptions(PACKAGE), ...clearOptions(PACKAGE)],
  action: 'update package',
  async run(call) {
    const [registry = '', name = ''] = call.arguments;
    const body = fieldsOf(call, PACKAGE);
    await (await call.api()).send({ method: 'PUT', path: ['registry', registry, 'package', name], body });
    return { text: done(`Updated package '${name}' in registry '${registry}'`), data: { registry, package: name } };
  },
};
