import { providerProblems, SignInInvalid } from './providers.ts';
import type { SignInConfig } from './sign-in-options.ts';
import { configuredRules } from './workloads.ts';

/** What is wrong with the configuration of sign-in where anybody is asked to, a sentence each. */
export function signInProblems(
  config: SignInConfig & { readonly 'auth.mode': string; readonly 'server.public_url': string | undefined },
): readonly string[] {
  if (config['auth.mode'] === 'none') return [];
  const problems = [...providerProblems(config)];
  try {
    configuredRules(config, config['server.public_url']);
  } catch (thrown) {
    if (!(thrown instanceof SignInInvalid)) throw thrown;
    problems.push(...thrown.problems);
  }
  return problems;
}
