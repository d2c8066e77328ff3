import type { Command } from '../../../internal/cli/index.ts';

export const bindingList: Command = {
  name: 'binding list',
  summary: 'Lists who has which role where, as the catalog says.',
  example: 'octoserve binding list --subject user:alice',
  options: [
    { flags: '--subject <subject>', doc: 'only what it has itself' },
    { flags: '--json', doc: 'as JSON' },
  ],
  takesSettings: true,
  async run(input, io) {
    const [{ textOf, withPeople }, { writeJson, writeTable }] = await Promise.all([
      import('../people.ts'),
      import('../../../internal/cli/index.ts'),
    ]);
    return withPeople(input, io, async ({ administration: { rules } }) => {
      const bindings = await rules.listBindings(textOf(input.options['subject']));
      if (input.options['json'] === true) writeJson(io.stdout, bindings);
      else {
        const rows = bindings.map(({ subject, role, pattern }) => [subject, role, pattern]);
        writeTable(io.stdout, [['SUBJECT', 'ROLE', 'PATTERN'], ...rows]);
      }
      return 0;
    });
  },
};
