import { shown } from '../answers.ts';
import type { RegctlCommand } from '../command.ts';
import { describedText, PACKAGE } from '../described.ts';
import { line } from '../texts.ts';

export const packageGet: RegctlCommand = {
  name: 'package get',
  summary: 'Shows a package.',
  example: 'cola-regctl package get ops rollback',
  arguments: ['<registry>', '<package>'],
  action: 'get package',
  async run(call) {
    const [registry = '', name = ''] = call.arguments;
    const data = await (await call.api()).send({ method: 'GET', path: ['registry', registry, 'package', name] });
    return { text: [...describedText(data, PACKAGE), line('Versions', String(shown(data).count))].join('\n'), data };
  },
};
