import { createStyle, printable, writeJson, type Command } from '../../../internal/cli/index.ts';

interface Findings {
  readonly file: string | undefined;
  readonly problems: readonly string[];
  readonly warnings: readonly string[];
}

export const configCheck: Command = {
  name: 'config check',
  summary: 'Says what is wrong with the configuration, a line each; exit 1 if anything is.',
  example: 'octoserve config check --config config.json',
  options: [{ flags: '--json', doc: 'as JSON' }],
  takesSettings: true,
  async run(input, io) {
    const [{ readSettings }, { ConfigError }] = await Promise.all([
      import('../settings.ts'),
      import('../../../internal/config/index.ts'),
    ]);
    const { file, problems, warnings }: Findings = await readSettings(input, io).then(
      (loaded) => ({ ...loaded, problems: [] }),
      (error: unknown) => {
        if (!(error instanceof ConfigError)) throw error;
        return { file: undefined, problems: error.problems, warnings: [] };
      },
    );
    const isValid = problems.length === 0;
    if (input.options['json']) {
      writeJson(io.stdout, { valid: isValid, ...(file !== undefined && { file }), problems, warnings });
    } else {
      const style = createStyle(io.stdout, io.env);
      for (const problem of problems) io.stdout.write(`${style('red', 'error:')} ${printable(problem)}\n`);
      for (const warning of warnings) io.stdout.write(`${style('yellow', 'warning:')} ${printable(warning)}\n`);
      if (isValid) io.stdout.write(`The configuration is valid (${file ?? 'no file'}).\n`);
    }
    return isValid ? 0 : 1;
  },
};
