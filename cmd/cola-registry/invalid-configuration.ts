import { CliError, UsageError } from '../../internal/cli/index.ts';
import type { ConfigError } from '../../internal/config/index.ts';

/** cola contract, section 7.1: exit code 1, before anything is logged. */
export function invalidConfiguration(error: ConfigError): CliError {
  if (error.isUsage) return new UsageError(error.message);
  return new CliError(`invalid configuration: ${error.problems.join('; ')}`, { cause: error });
}
