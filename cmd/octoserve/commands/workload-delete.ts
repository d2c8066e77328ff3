import type { Command } from '../../../internal/cli/index.ts';

export const workloadDelete: Command = {
  name: 'workload delete',
  summary: 'Deletes a rule for jobs of a CI; the tokens that it gave end.',
  example: 'octoserve workload delete app',
  arguments: ['<name>'],
  takesSettings: true,
  async run(input, io) {
    const { withPeople } = await import('../people.ts');
    const [name = ''] = input.arguments;
    return withPeople(input, io, async ({ administration: { workloads }, by }) => {
      await workloads.delete(by, name);
      io.stdout.write(`The rule ${name} is deleted.\n`);
      return 0;
    });
  },
};
