import { writeJson } from '../../../internal/cli/index.ts';
import type { RegistryCommand } from '../command.ts';
import { formatSize } from '../words.ts';

export const gc: RegistryCommand = {
  name: 'gc',
  summary: 'Deletes content that nothing references.',
  example: 'registry gc --token dev-token',
  arguments: [],
  async run({ connection, json }, io) {
    const answer = (await connection.ask('POST', '/gc')) as {
      readonly deleted_blobs: number;
      readonly freed_bytes: number;
    };
    if (json) writeJson(io.stdout, answer);
    else io.stdout.write(`Deleted ${answer.deleted_blobs} blobs, freed ${formatSize(answer.freed_bytes)}\n`);
    return 0;
  },
};
