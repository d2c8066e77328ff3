import type { Command } from '../../../internal/cli/index.ts';

export const workloadList: Command = {
  name: 'workload list',
  summary: 'Lists the rules by which jobs of CIs come in, those of the configuration too.',
  example: 'octoserve workload list --json',
  options: [{ flags: '--json', doc: 'as JSON' }],
  takesSettings: true,
  async run(input, io) {
    const [{ withPeople }, { writeJson, writeTable }] = await Promise.all([
      import('../people.ts'),
      import('../../../internal/cli/index.ts'),
    ]);
    return withPeople(input, io, async ({ administration: { workloads } }) => {
      const rules = await workloads.list();
      if (input.options['json'] === true) {
        writeJson(
          io.stdout,
          rules.map(({ rule, ...view }) => ({ ...rule, ...view })),
        );
        return 0;
      }
      const rows = rules.map(({ name, isConfigured, rule, problems }) => [
        name,
        isConfigured ? 'configuration' : 'catalog',
        rule?.issuer ?? '-',
        rule?.claims.map(({ claim, pattern }) => `${claim}=${pattern}`).join(', ') ?? problems.join('; '),
        rule?.access.repositories.join(', ') || '-',
      ]);
      writeTable(io.stdout, [['NAME', 'FROM', 'ISSUER', 'CLAIMS', 'REPOSITORIES'], ...rows]);
      return 0;
    });
  },
};
