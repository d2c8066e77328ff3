import { writeJson, type Command } from '../../../internal/cli/index.ts';

export const configSchema: Command = {
  name: 'config schema',
  summary: 'Prints a JSON schema of configuration files, for editors.',
  example: 'octoserve config schema > config.schema.json',
  async run(_, { stdout }) {
    const [config, { OPTION_TABLES }] = await Promise.all([
      import('../../../internal/config/index.ts'),
      import('../../../internal/server/index.ts'),
    ]);
    writeJson(stdout, config.configSchema(OPTION_TABLES));
    return 0;
  },
};
