import type { Command } from '../../../internal/cli/index.ts';

export const userInvite: Command = {
  name: 'user invite',
  summary: 'Makes a one-time link by which a user sets a password.',
  example: 'octoserve user invite alice',
  arguments: ['<name>'],
  takesSettings: true,
  async run(input, io) {
    const [{ withPeople }, { handOver }] = await Promise.all([import('../people.ts'), import('../hand-over.ts')]);
    const [name = ''] = input.arguments;
    return withPeople(input, io, async ({ administration: { users }, by, config }) => {
      await handOver(io, config, name, await users.invite(by, name));
      return 0;
    });
  },
};
