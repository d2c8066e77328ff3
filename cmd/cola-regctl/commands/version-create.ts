import type { RegctlCommand } from '../command.ts';
import { UsageError } from '../../../internal/cli/index.ts';
import { PARTITION_OPTIONS, partitionsOf } from '../partitions.ts';
import { done } from '../texts.ts';
import { parseChecksum } from '../values.ts';

export const versionCreate: RegctlCommand = {
  name: 'version create',
  summary: 'Publishes a version whose file is at a URL.',
  example:
    'cola-regctl version create ops rollback 2.4.1 --url https://dl.example.org/rollback-2.4.1.pkg --checksum "$(sha256sum rollback-2.4.1.pkg | cut -c 1-64)"',
  arguments: ['<registry>', '<package>', '<version>'],
  options: [
    { flags: '--checksum <hex>', doc: 'SHA-256 of the file' },
    { flags: '--url <url>', doc: 'where the file is' },
    ...PARTITION_OPTIONS,
  ],
  action: 'create version',
  async run(call) {
    const [registry = '', name = '', version = ''] = call.arguments;
    const [checksum, url] = [call.flag('checksum'), call.flag('url')];
    if (checksum === undefined || url === undefined) throw new UsageError('version create needs --checksum and --url');
    const body = { name, version, checksum: parseChecksum(checksum), url, ...partitionsOf(call) };
    await (await call.api()).send({ method: 'POST', path: ['registry', registry, 'package', name, 'version'], body });
    const text = done(`Created version '${version}' for package '${name}' in registry '${registry}'`);
    return { text, data: { registry, package: name, version } };
  },
};
