import { CliError, UsageError, type CommandInput, type Io } from '../../internal/cli/index.ts';
import { ConfigError, loadConfig, type LoadedConfig } from '../../internal/config/index.ts';
import { judgeConfig, OPTION_TABLES, type Config } from '../../internal/server/index.ts';

/** The configuration that a command line, the environment and a file make. Throws the ConfigError of one that is wrong. */
export async function readSettings({ options, settings }: CommandInput, io: Io): Promise<LoadedConfig<Config>> {
  const file = typeof options['config'] === 'string' ? options['config'] : undefined;
  try {
    const from = { tables: OPTION_TABLES, judge: judgeConfig, file, env: io.env, flags: settings, cwd: io.cwd };
    return await loadConfig(from);
  } catch (error) {
    throw error instanceof ConfigError && error.isUsage ? new UsageError(error.message) : error;
  }
}

/** The same for a command that cannot go on without: one that is wrong is reported as the contract words it. */
export async function needSettings(input: CommandInput, io: Io): Promise<LoadedConfig<Config>> {
  try {
    return await readSettings(input, io);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const message = `Failed to load configuration: ${error.problems.join('\n  ')}`;
    throw new CliError(message, { hint: '`octoserve config schema` describes every setting.', cause: error });
  }
}
