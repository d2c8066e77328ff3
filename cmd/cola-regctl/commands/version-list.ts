import { listOf, shownVersion } from '../answers.ts';
import type { RegctlCommand } from '../command.ts';
import { tableOf } from '../texts.ts';

const SHOWN_DIGITS = 17;

export const versionList: RegctlCommand = {
  name: 'version list',
  summary: 'Lists the versions of a package.',
  example: 'cola-regctl version list ops rollback',
  arguments: ['<registry>', '<package>'],
  action: 'list versions',
  async run(call) {
    const [registry = '', name = ''] = call.arguments;
    const path = ['registry', registry, 'package', name, 'version'];
    const data = await (await call.api()).send({ method: 'GET', path });
    const rows = listOf(data)
      .map(shownVersion)
      .map(({ version, checksum, partitions }) => [version, `${checksum.slice(0, SHOWN_DIGITS)}...`, partitions]);
    const none = `No versions found for package '${name}' in registry '${registry}'`;
    return { text: rows.length === 0 ? none : tableOf([['VERSION', 'CHECKSUM', 'PARTITIONS'], ...rows]), data };
  },
};
