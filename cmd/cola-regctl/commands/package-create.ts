import type { RegctlCommand } from '../command.ts';
import { describeOptions, fieldsOf, PACKAGE } from '../described.ts';
import { done } from '../texts.ts';

export const packageCreate: RegctlCommand = {
  name: 'package create',
  summary: 'Creates a package in a registry.',
  example: "cola-regctl package create ops rollback --description 'Rolls a release back' --maintainer sre",
  arguments: ['<registry>', '<package>'],
  options: describeOptions(PACKAGE),
  action: 'create package',
  async run(call) {
    const [registry = '', name = ''] = call.arguments;
    const body = { name, ...fieldsOf(call, PACKAGE) };
    await (await call.api()).send({ method: 'POST', path: ['registry', registry, 'package'], body });
    return { text: done(`Created package '${name}' in registry '${registry}'`), data: { registry, package: name } };
  },
};
