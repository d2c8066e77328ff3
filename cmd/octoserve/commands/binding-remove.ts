import type { Command } from '../../../internal/cli/index.ts';

export const bindingRemove: Command = {
  name: 'binding remove',
  summary: 'Takes a role on repositories from a subject.',
  example: 'octoserve binding remove group:dev writer team-a/**',
  arguments: ['<subject>', '<role>', '<pattern>'],
  takesSettings: true,
  async run(input, io) {
    const { withPeople } = await import('../people.ts');
    const [subject = '', role = '', pattern = ''] = input.arguments;
    return withPeople(input, io, async ({ administration: { rules }, by }) => {
      await rules.deleteBinding(by, { subject, role, pattern });
      io.stdout.write(`${subject} has the role ${role} on ${pattern} no more.\n`);
      return 0;
    });
  },
};
