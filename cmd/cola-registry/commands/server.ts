import { access, constants } from 'node:fs/promises';
import { resolve } from 'node:path';
import { CliError, exitSoon, holdYoungGeneration, PRODUCT_VERSION, type Command } from '../../../internal/cli/index.ts';
import { ConfigError } from '../../../internal/config/index.ts';
import { invalidConfiguration } from '../invalid-configuration.ts';
import { SERVER_FLAGS } from '../settings.ts';

export const server: Command = {
  name: 'server',
  summary: 'Serves until told to stop (SIGINT, SIGTERM); a second signal ends it at once.',
  example: 'cola-registry server --port 8080 --auth-type basic --auth-users-file users.yaml',
  options: [...SERVER_FLAGS, { flags: '--config <path>', doc: 'a file of settings of octoserve, for native mode' }],
  takesSettings: true,
  async run(input, io) {
    holdYoungGeneration();
    const [{ loadColaConfig }, { adviceOf, OLD_DOCUMENT, standAlone }, { runServer }] = await Promise.all([
      import('../config.ts'),
      import('../stand-alone.ts'),
      import('../../../internal/server/index.ts'),
    ]);
    const start = await loadColaConfig(input, io).catch((error: unknown) => {
      throw error instanceof ConfigError ? invalidConfiguration(error) : error;
    });
    await needScript(start.script);
    const hasOldDocument = await access(resolve(io.cwd, OLD_DOCUMENT)).then(
      () => true,
      () => false,
    );
    const exitCode = await runServer({
      config: start.config,
      file: start.file,
      warnings: [...start.warnings, ...adviceOf(start, hasOldDocument)],
      version: PRODUCT_VERSION,
      standAlone: standAlone(start, io),
    });
    exitSoon(exitCode);
    return exitCode;
  },
};

const CANNOT_SIGN_IN = 2;

/** A script that cannot be run is better told now than to the first who comes. */
async function needScript(script: string | undefined): Promise<void> {
  if (script === undefined) return;
  await access(script, constants.X_OK).catch((cause: NodeJS.ErrnoException) => {
    throw new CliError(`${script} cannot be run: ${cause.code}`, { exitCode: CANNOT_SIGN_IN, cause });
  });
}
