import { OciError } from '../../../pkg/oci/index.ts';
import type { Catalog, Origin } from '../../catalog/index.ts';
import { createRule, RuleInvalid, type RuleSettings, type WorkloadRule } from '../workload-rules.ts';
import { invalid, unknown } from './checks.ts';

/** A rule as it is stored, with what it comes to. */
export interface WorkloadView {
  readonly name: string;
  /** A rule of the configuration cannot be changed here. */
  readonly isConfigured: boolean;
  /** Undefined where it is no rule (any more), and lets in nobody. */
  readonly rule: WorkloadRule | undefined;
  /** Why it is none. */
  readonly problems: readonly string[];
}

/** Rules for jobs of CIs. REQUEST_INVALID, ENTRY_UNKNOWN, ENTRY_EXISTS. */
export interface WorkloadsAdministration {
  /** Those of the configuration first, the others by name. */
  list(): Promise<readonly WorkloadView[]>;
  /** Makes it, or puts it in place of one of the same name. */
  put(by: Origin, name: string, settings: RuleSettings): Promise<void>;
  /** With its bindings; tokens that it gave end. */
  delete(by: Origin, name: string): Promise<void>;
}

export interface WorkloadsDeps {
  readonly catalog: Pick<Catalog, 'run' | 'queries'>;
  readonly clock: () => number;
  readonly renew: () => void;
  /** The rules of the configuration. */
  readonly configured: readonly WorkloadRule[];
  /** Of rules that say none. */
  readonly audience: string | undefined;
}

export function createWorkloadsAdministration(deps: WorkloadsDeps): WorkloadsAdministration {
  const { catalog, clock, renew, configured, audience } = deps;
  const isConfigured = (name: string): boolean => configured.some((rule) => rule.name === name);

  function judge(name: string, settings: RuleSettings): Pick<WorkloadView, 'rule' | 'problems'> {
    try {
      return { rule: createRule(name, settings, audience), problems: [] };
    } catch (thrown) {
      if (thrown instanceof RuleInvalid) return { rule: undefined, problems: thrown.problems };
      throw thrown;
    }
  }

  return {
    async list() {
      const stored = await catalog.queries.listWorkloadRules();
      return [
        ...configured.map((rule) => ({ name: rule.name, isConfigured: true, rule, problems: [] })),
        ...stored
          .filter(({ name }) => !isConfigured(name))
          .map(({ name, document }) => ({
            name,
            isConfigured: false,
            ...judge(name, JSON.parse(document) as RuleSettings),
          })),
      ];
    },

    async put(by, name, settings) {
      if (isConfigured(name)) throw new OciError('ENTRY_EXISTS', `the configuration has a rule ${name}`);
      const { problems } = judge(name, settings);
      if (problems.length > 0) throw new OciError('REQUEST_INVALID', problems);
      await catalog.run('putWorkloadRule', { by, nowMs: clock(), name, document: JSON.stringify(settings) });
      renew();
    },

    async delete(by, name) {
      if (isConfigured(name)) throw invalid(`the rule ${name} is in the configuration: take it away there`);
      const { kind } = await catalog.run('deleteWorkloadRule', { by, nowMs: clock(), name });
      if (kind === 'absent') throw unknown('workload rule', name);
      renew();
    },
  };
}
