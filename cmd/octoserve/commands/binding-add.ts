import type { Command } from '../../../internal/cli/index.ts';

export const bindingAdd: Command = {
  name: 'binding add',
  summary:
    'Gives a subject a role on repositories: user:alice, group:dev, key:ci, workload:deploy, authenticated or anonymous.',
  example: 'octoserve binding add group:dev writer team-a/**',
  arguments: ['<subject>', '<role>', '<pattern>'],
  takesSettings: true,
  async run(input, io) {
    const { withPeople } = await import('../people.ts');
    const [subject = '', role = '', pattern = ''] = input.arguments;
    return withPeople(input, io, async ({ administration: { rules }, by }) => {
      await rules.addBinding(by, { subject, role, pattern });
      io.stdout.write(`${subject} has the role ${role} on ${pattern}.\n`);
      return 0;
    });
  },
};
