import type { Command } from '../../../internal/cli/index.ts';

export const roleList: Command = {
  name: 'role list',
  summary: 'Lists roles and what they allow.',
  example: 'octoserve role list',
  options: [{ flags: '--json', doc: 'as JSON' }],
  takesSettings: true,
  async run(input, io) {
    const [{ withPeople }, { writeJson, writeTable }] = await Promise.all([
      import('../people.ts'),
      import('../../../internal/cli/index.ts'),
    ]);
    return withPeople(input, io, async ({ administration: { rules } }) => {
      const roles = await rules.listRoles();
      if (input.options['json'] === true) writeJson(io.stdout, roles);
      else writeTable(io.stdout, [['NAME', 'ALLOWS'], ...roles.map(({ name, actions }) => [name, actions.join(', ')])]);
      return 0;
    });
  },
};
