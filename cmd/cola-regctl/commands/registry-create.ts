import type { RegctlCommand } from '../command.ts';
import { describeOptions, fieldsOf, REGISTRY } from '../described.ts';
import { done } from '../texts.ts';

export const registryCreate: RegctlCommand = {
  name: 'registry create',
  summary: 'Creates a registry.',
  example: "cola-regctl registry create ops --description 'Operations tools' --admin lead@example.org",
  arguments: ['<name>'],
  options: describeOptions(REGISTRY),
  action: 'create registry',
  async run(call) {
    const [name = ''] = call.arguments;
    const body = { name, ...fieldsOf(call, REGISTRY) };
    await (await call.api()).send({ method: 'POST', path: ['registry'], body });
    return { text: done(`Created registry '${name}'`), data: { name } };
  },
};
