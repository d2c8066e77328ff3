import type { Command } from '../../../internal/cli/index.ts';

export const keyRevoke: Command = {
  name: 'key revoke',
  summary: 'Revokes a key, with its tokens and uploads.',
  example: 'octoserve key revoke ci',
  arguments: ['<name>'],
  takesSettings: true,
  async run(input, io) {
    const { withPeople } = await import('../people.ts');
    const [name = ''] = input.arguments;
    return withPeople(input, io, async ({ administration: { keys }, by }) => {
      await keys.delete(by, name);
      io.stdout.write(`${name} is revoked.\n`);
      return 0;
    });
  },
};
