import type { RegctlCommand } from '../command.ts';
import { clearOptions, describeOptions, fieldsOf, REGISTRY } from '../described.ts';
import { done } from '../texts.ts';

export const registryUpdate: RegctlCommand = {
  name: 'registry update',
  summary: 'Changes what is given of a registry, and nothing else.',
  example: "cola-regctl registry update ops --description 'Tools of operations' --clear-admins",
  arguments: ['<name>'],
  options: [...describeOptions(REGISTRY), ...clearOptions(REGISTRY)],
  action: 'update registry',
  async run(call) {
    const [name = ''] = call.arguments;
    const body = fieldsOf(call, REGISTRY);
    await (await call.api()).send({ method: 'PUT', path: ['registry', name], body });
    return { text: done(`Updated registry '${name}'`), data: { name } };
  },
};
