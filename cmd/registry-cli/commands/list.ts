import { writeJson } from '../../../internal/cli/index.ts';
import type { RegistryCommand } from '../command.ts';
import { namesOf } from '../names-of.ts';

export const list: RegistryCommand = {
  name: 'list',
  summary: 'Lists the packages.',
  example: 'registry list --token dev-token',
  arguments: [],
  async run({ connection, json }, io) {
    const answer = await connection.ask('GET', '/packages');
    const names = namesOf(answer);
    if (json) writeJson(io.stdout, answer);
    else if (names.length === 0) io.stdout.write('No packages found.\n');
    else io.stdout.write(`Packages:\n${names.map((name) => `  - ${name}\n`).join('')}`);
    return 0;
  },
};
