import type { RegctlCommand } from '../command.ts';
import { describedText, REGISTRY } from '../described.ts';

export const registryGet: RegctlCommand = {
  name: 'registry get',
  summary: 'Shows a registry.',
  example: 'cola-regctl registry get ops',
  arguments: ['<name>'],
  action: 'get registry',
  async run(call) {
    const [name = ''] = call.arguments;
    const data = await (await call.api()).send({ method: 'GET', path: ['registry', name] });
    return { text: describedText(data, REGISTRY).join('\n'), data };
  },
};
