import { writeJson } from '../../../internal/cli/index.ts';
import type { RegistryCommand } from '../command.ts';
import { namesOf } from '../names-of.ts';

export const search: RegistryCommand = {
  name: 'search',
  summary: 'Lists the packages with a text in their names.',
  example: 'registry search tool --token dev-token',
  arguments: ['<query>'],
  async run({ connection, arguments: [query = ''], json }, io) {
    const answer = await connection.ask('GET', `/packages?search=${encodeURIComponent(query)}`);
    const names = namesOf(answer);
    if (json) writeJson(io.stdout, answer);
    else if (names.length === 0) io.stdout.write(`No packages matching '${query}'.\n`);
    else io.stdout.write(`Search results for '${query}':\n${names.map((name) => `  - ${name}\n`).join('')}`);
    return 0;
  },
};
