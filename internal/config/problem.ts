/** A configuration that cannot be used: every problem that was found, one sentence each. */
export class ConfigError extends Error {
  readonly problems: readonly string[];
  /** Whether the command line itself is wrong (an unknown flag): a matter of usage, not of the configuration. */
  readonly isUsage: boolean;

  constructor(problems: readonly string[], isUsage = false) {
    super(problems.join('\n'));
    this.name = 'ConfigError';
    this.problems = problems;
    this.isUsage = isUsage;
  }
}
