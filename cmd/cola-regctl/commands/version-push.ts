import { resolve } from 'node:path';
import { CliError, UsageError } from '../../../internal/cli/index.ts';
import { fieldOf } from '../answers.ts';
import type { RegctlCommand } from '../command.ts';
import { openPackageFile } from '../package-file.ts';
import { PARTITION_OPTIONS, partitionsOf } from '../partitions.ts';
import { done } from '../texts.ts';
import { parseChecksum } from '../values.ts';

export const versionPush: RegctlCommand = {
  name: 'version push',
  summary: 'Publishes a version with its file, which the registry keeps.',
  example: 'cola-regctl version push ops rollback 2.4.1 rollback-2.4.1.pkg --create',
  arguments: ['<registry>', '<package>', '<version>', '[file]'],
  options: [
    ...PARTITION_OPTIONS,
    { flags: '--checksum <hex>', doc: 'SHA-256 that the file must have' },
    { flags: '--artifact <file>', doc: 'the file, where it is not the last argument' },
    { flags: '--create', doc: 'create the package if it is not there' },
    { flags: '--no-validate', doc: 'take a file that command-launcher could not install' },
  ],
  action: 'push version',
  async run(call) {
    const [registry = '', name = '', version = ''] = call.arguments;
    const path = call.arguments[3] ?? call.flag('artifact');
    if (path === undefined) throw new UsageError('version push needs a file');
    const { startPartition, endPartition } = partitionsOf(call);
    const checksum = call.flag('checksum');
    const headers = checksum === undefined ? {} : { 'x-checksum': parseChecksum(checksum) };
    const query = {
      startPartition: String(startPartition),
      endPartition: String(endPartition),
      ...(call.isSet('create') && { create: 'true' }),
      ...(!call.isSet('validate') && { validate: 'false' }),
    };
    const api = await call.api();
    const upload = await openPackageFile(resolve(call.io.cwd, path), path, call.io);
    const target = ['registry', registry, 'package', name, 'version', version, 'content'];
    const answer = await api.send({ method: 'PUT', path: target, query, headers, upload }).finally(() => upload.end());
    if (fieldOf(answer, 'checksum') !== upload.checksum()) {
      throw new CliError(`the registry holds other bytes than ${path} as version '${version}'`, {
        hint: 'Delete the version and push it again.',
      });
    }
    const text = done(`Created version '${version}' for package '${name}' in registry '${registry}'`);
    return { text, data: { registry, package: name, version } };
  },
};
