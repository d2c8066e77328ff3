import type { Command } from '../../../internal/cli/index.ts';

export const keyList: Command = {
  name: 'key list',
  summary: 'Lists keys: whose they are, what for, and when they were last used; never the keys themselves.',
  example: 'octoserve key list --json',
  options: [{ flags: '--json', doc: 'as JSON' }],
  takesSettings: true,
  async run(input, io) {
    const [{ listAll, timeText, withPeople }, { writeJson, writeTable }] = await Promise.all([
      import('../people.ts'),
      import('../../../internal/cli/index.ts'),
    ]);
    return withPeople(input, io, async ({ administration: { keys } }) => {
      const all = await listAll((page) => keys.list(page));
      if (input.options['json'] === true) writeJson(io.stdout, all);
      else {
        const rows = all.map(({ name, owner, repositories, actions, expiresMs, usedMs }) => [
          name,
          owner ?? '-',
          repositories.join(','),
          actions.join(','),
          timeText(expiresMs),
          timeText(usedMs),
        ]);
        writeTable(io.stdout, [['NAME', 'OWNER', 'REPOSITORIES', 'ACTIONS', 'EXPIRES', 'USED'], ...rows]);
      }
      return 0;
    });
  },
};
