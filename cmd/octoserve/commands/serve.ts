import { exitSoon, holdYoungGeneration, PRODUCT_VERSION, type Command } from '../../../internal/cli/index.ts';

export const serve: Command = {
  name: 'serve',
  summary: 'Serves until told to stop (SIGINT, SIGTERM); a second signal ends it at once.',
  example: 'octoserve serve --config config.json --server.port=8080',
  takesSettings: true,
  async run(input, io) {
    holdYoungGeneration();
    const [{ needSettings }, { runServer }] = await Promise.all([
      import('../settings.ts'),
      import('../../../internal/server/index.ts'),
    ]);
    const { config, file, warnings } = await needSettings(input, io);
    const exitCode = await runServer({ config, file, warnings, version: PRODUCT_VERSION });
    exitSoon(exitCode);
    return exitCode;
  },
};
