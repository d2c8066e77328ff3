import {
  createProgram,
  exitSoon,
  holdYoungGeneration,
  PRODUCT_VERSION,
  type Command,
  type Program,
} from '../../internal/cli/index.ts';

const serve: Command = {
  name: 'serve',
  summary: 'Serves Foundry until told to stop (SIGINT, SIGTERM); a second signal ends it at once.',
  example: 'registry-server -config config.yaml',
  async run({ options }, io) {
    holdYoungGeneration();
    const [{ loadFoundryConfig }, { failToLoad, standAlone }, { runServer }] = await Promise.all([
      import('./foundry-config.ts'),
      import('./stand-alone.ts'),
      import('../../internal/server/index.ts'),
    ]);
    const asked = typeof options['config'] === 'string' ? options['config'] : undefined;
    const loaded = await loadFoundryConfig({ asked, env: io.env, cwd: io.cwd }).catch((failure: unknown) => {
      failToLoad(io.stdout, failure);
      return undefined;
    });
    if (!loaded) return 1;
    const { config, file, warnings, tokens } = loaded;
    const exitCode = await runServer({
      config,
      file,
      warnings,
      version: PRODUCT_VERSION,
      standAlone: standAlone(tokens),
    });
    exitSoon(exitCode);
    return exitCode;
  },
};

/** The program `registry-server`: the product with Foundry alone, started by Foundry's own file. */
export function createRegistryServer(): Program {
  return createProgram({
    name: 'registry-server',
    description: 'A registry for versioned binary files: Foundry, kept as OCI artifacts.',
    version: `registry-server version ${PRODUCT_VERSION}`,
    options: [{ flags: '--config <path>', doc: 'the configuration (default: config.yaml)' }],
    commands: [serve],
    defaultCommand: 'serve',
  });
}
