import type { Command } from '../../../internal/cli/index.ts';

export const roleDelete: Command = {
  name: 'role delete',
  summary: 'Deletes a role that nobody has.',
  example: 'octoserve role delete adder',
  arguments: ['<name>'],
  takesSettings: true,
  async run(input, io) {
    const { withPeople } = await import('../people.ts');
    const [name = ''] = input.arguments;
    return withPeople(input, io, async ({ administration: { rules }, by }) => {
      await rules.deleteRole(by, name);
      io.stdout.write(`The role ${name} is deleted.\n`);
      return 0;
    });
  },
};
