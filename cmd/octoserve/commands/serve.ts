import { PRODUCT_VERSION, type Command } from '../../../internal/cli/index.ts';

const LINGER_MS = 2000;

export const serve: Command = {
  name: 'serve',
  summary: 'Serves until told to stop (SIGINT, SIGTERM); a second signal ends it at once.',
  example: 'octoserve serve --config config.json --server.port=8080',
  takesSettings: true,
  async run(input, io) {
    const [{ needSettings }, { runServer }] = await Promise.all([
      import('../settings.ts'),
      import('../../../internal/server/index.ts'),
    ]);
    const { config, file, warnings } = await needSettings(input, io);
    const exitCode = await runServer({ config, file, warnings, version: PRODUCT_VERSION });
    // All is closed and the log was flushed as far as its reader took it; one that stalls must not hold the exit.
    setTimeout(() => process.exit(exitCode), LINGER_MS).unref();
    return exitCode;
  },
};
