import { shownVersion } from '../answers.ts';
import type { RegctlCommand } from '../command.ts';
import { line } from '../texts.ts';

export const versionGet: RegctlCommand = {
  name: 'version get',
  summary: 'Shows a version.',
  example: 'cola-regctl version get ops rollback 2.4.1',
  arguments: ['<registry>', '<package>', '<version>'],
  action: 'get version',
  async run(call) {
    const [registry = '', name = '', version = ''] = call.arguments;
    const path = ['registry', registry, 'package', name, 'version', version];
    const data = await (await call.api()).send({ method: 'GET', path });
    const found = shownVersion(data);
    const lines = [
      line('Version', found.version),
      line('Checksum', found.checksum),
      line('URL', found.url),
      line('Partition Range', found.partitions),
    ];
    return { text: lines.join('\n'), data };
  },
};
