import type { Command } from '../../../internal/cli/index.ts';

export const userDelete: Command = {
  name: 'user delete',
  summary: 'Deletes a user, with keys, bindings, tokens and uploads.',
  example: 'octoserve user delete alice',
  arguments: ['<name>'],
  takesSettings: true,
  async run(input, io) {
    const { withPeople } = await import('../people.ts');
    const [name = ''] = input.arguments;
    return withPeople(input, io, async ({ administration: { users }, by }) => {
      await users.delete(by, name);
      io.stdout.write(`${name} is deleted.\n`);
      return 0;
    });
  },
};
