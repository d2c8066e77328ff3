import { namesIn } from '../config/index.ts';
import type { WorkloadRuleRow } from '../catalog/index.ts';
import type { Facts } from './knowledge.ts';
import type { Workloads } from './ports.ts';
import { SignInInvalid } from './providers.ts';
import type { SignInConfig } from './sign-in-options.ts';
import { createRule, RuleInvalid, type RuleSettings, type WorkloadRule } from './workload-rules.ts';

/** The rules that the configuration has. Throws SignInInvalid with all that is wrong. */
export function configuredRules(config: SignInConfig, audience: string | undefined): readonly WorkloadRule[] {
  const problems: string[] = [];
  const rules = namesIn(config, 'auth.workload').flatMap((name) => {
    const settings = {
      preset: config[`auth.workload.${name}.preset`],
      issuer: config[`auth.workload.${name}.issuer`],
      jwksUrl: config[`auth.workload.${name}.jwks_url`],
      audience: config[`auth.workload.${name}.audience`],
      algorithms: config[`auth.workload.${name}.algorithms`],
      claims: config[`auth.workload.${name}.claims`],
      singleUse: config[`auth.workload.${name}.single_use`],
      repositories: config[`auth.workload.${name}.repositories`],
      actions: config[`auth.workload.${name}.actions`],
    };
    try {
      return [createRule(name, settings, audience)];
    } catch (thrown) {
      if (!(thrown instanceof RuleInvalid)) throw thrown;
      problems.push(...thrown.problems.map((problem) => `auth.workload.${name} ${problem}`));
      return [];
    }
  });
  if (problems.length > 0) throw new SignInInvalid(problems);
  return rules;
}

export interface WorkloadsDeps {
  readonly configured: readonly WorkloadRule[];
  readonly listRows: () => Promise<readonly WorkloadRuleRow[]>;
  readonly facts: () => Promise<Pick<Facts, 'derived'>>;
  readonly audience: string | undefined;
  /** Told of a row that is no rule (any more). */
  readonly onInvalid: (invalid: RuleInvalid) => void;
}

export interface WorkloadRules extends Workloads {
  /** Those of the configuration before those of the catalog, of which none has the name of one before. */
  list(): Promise<readonly WorkloadRule[]>;
}

/** Rules for jobs of CIs, of the configuration and of the catalog. */
export function createWorkloads(deps: WorkloadsDeps): WorkloadRules {
  const { configured, listRows, facts, audience, onInvalid } = deps;

  async function load(): Promise<readonly WorkloadRule[]> {
    const names = new Set(configured.map(({ name }) => name));
    const stored = (await listRows()).filter(({ name }) => !names.has(name));
    return [
      ...configured,
      ...stored.flatMap(({ name, document }) => {
        try {
          return [createRule(name, JSON.parse(document) as RuleSettings, audience)];
        } catch (thrown) {
          if (!(thrown instanceof RuleInvalid)) throw thrown;
          onInvalid(thrown);
          return [];
        }
      }),
    ];
  }

  async function list(): Promise<readonly WorkloadRule[]> {
    const { derived } = await facts();
    return (await derived.get('workload rules', load)) as readonly WorkloadRule[];
  }

  return {
    list,
    find: async (rule) => (await list()).find(({ name }) => name === rule)?.access,
  };
}
