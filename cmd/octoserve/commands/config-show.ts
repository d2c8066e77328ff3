import { createStyle, printable, writeJson, writeTable, type Command } from '../../../internal/cli/index.ts';
import type { ShownSetting } from '../../../internal/config/index.ts';

export const configShow: Command = {
  name: 'config show',
  summary: 'Prints every setting and where it came from; secrets are masked.',
  example: 'octoserve config show --json',
  options: [
    { flags: '--json', doc: 'as JSON' },
    {
      flags: '--example <form>',
      doc: 'instead an example with every default: a configuration file, or a .env file',
      choices: ['config', 'env'],
    },
  ],
  takesSettings: true,
  async run(input, io) {
    const [{ needSettings }, { exampleConfig, exampleEnv, showConfig }, { OPTION_TABLES }] = await Promise.all([
      import('../settings.ts'),
      import('../../../internal/config/index.ts'),
      import('../../../internal/server/index.ts'),
    ]);
    const { json, example } = input.options;
    if (example !== undefined) {
      io.stdout.write(example === 'env' ? exampleEnv(OPTION_TABLES) : exampleConfig(OPTION_TABLES));
      return 0;
    }
    const loaded = await needSettings(input, io);
    const style = createStyle(io.stderr, io.env);
    for (const warning of loaded.warnings) io.stderr.write(`${style('yellow', 'warning:')} ${printable(warning)}\n`);
    const settings = showConfig(loaded);
    if (json)
      writeJson(io.stdout, Object.fromEntries(settings.map(({ key, value, origin }) => [key, { value, ...origin }])));
    else writeTable(io.stdout, [['SETTING', 'VALUE', 'FROM'], ...settings.map(rowOf)]);
    return 0;
  },
};

function rowOf({ key, value, origin }: ShownSetting): string[] {
  const from = origin.source === 'default' ? 'default' : `${origin.source} ${origin.name}`;
  return [
    key,
    value === null ? '(not set)' : Array.isArray(value) ? value.join(', ') || '(none)' : String(value),
    from,
  ];
}
