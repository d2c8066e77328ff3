import type { Command } from '../../../internal/cli/index.ts';

export const roleSet: Command = {
  name: 'role set',
  summary: 'Makes a role, or changes what one allows.',
  example: 'octoserve role set adder pull,push,create',
  arguments: ['<name>', '<actions>'],
  takesSettings: true,
  async run(input, io) {
    const { listOf, withPeople } = await import('../people.ts');
    const [name = '', actions] = input.arguments;
    return withPeople(input, io, async ({ administration: { rules }, by }) => {
      await rules.putRole(by, { name, actions: listOf(actions) ?? [] });
      io.stdout.write(`The role ${name} allows ${actions}.\n`);
      return 0;
    });
  },
};
