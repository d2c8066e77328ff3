import { writeJson } from '../../../internal/cli/index.ts';
import type { RegistryCommand } from '../command.ts';
import { segment } from '../connection.ts';

export const deleteVersion: RegistryCommand = {
  name: 'delete',
  summary: 'Deletes a version of a package; its bytes go when garbage is collected.',
  example: 'registry delete mytool 1.0.0 --token dev-token',
  arguments: ['<package>', '<version>'],
  async run({ connection, arguments: [name = '', version = ''], json }, io) {
    const answer = await connection.ask('DELETE', `/artifacts/${segment(name)}/${segment(version)}`);
    if (json) writeJson(io.stdout, answer);
    else io.stdout.write(`Deleted ${name}@${version}\n`);
    return 0;
  },
};
