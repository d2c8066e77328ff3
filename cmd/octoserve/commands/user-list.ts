import type { Command } from '../../../internal/cli/index.ts';

export const userList: Command = {
  name: 'user list',
  summary: 'Lists the users of the catalog.',
  example: 'octoserve user list --json',
  options: [{ flags: '--json', doc: 'as JSON' }],
  takesSettings: true,
  async run(input, io) {
    const [{ listAll, timeText, withPeople }, { writeJson, writeTable }] = await Promise.all([
      import('../people.ts'),
      import('../../../internal/cli/index.ts'),
    ]);
    return withPeople(input, io, async ({ administration: { users } }) => {
      const all = await listAll((page) => users.list(page));
      if (input.options['json'] === true) writeJson(io.stdout, all);
      else {
        const rows = all.map(({ name, disabled, groups, createdMs, signedInMs }) => [
          name,
          disabled ? 'disabled' : 'active',
          groups.join(', ') || '-',
          timeText(createdMs),
          timeText(signedInMs),
        ]);
        writeTable(io.stdout, [['NAME', 'STATE', 'GROUPS', 'CREATED', 'SIGNED IN'], ...rows]);
      }
      return 0;
    });
  },
};
