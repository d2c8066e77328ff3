import type { From } from './accounts.ts';
import type { SignInEvents } from './ports.ts';
import { nameOf } from './principal.ts';
import type { IssuedToken, Tokens } from './tokens.ts';
import type { WorkloadFault, WorkloadTokens } from './workload-tokens.ts';

export type Exchanged =
  | Readonly<{ kind: 'given'; token: IssuedToken; principal: string }>
  | Readonly<{ kind: 'refused'; fault: WorkloadFault }>;

export interface Exchange {
  /** A short token of ours for a token of a CI; `ruleName` where the job says by which rule it comes. */
  exchange(token: string, ruleName: string | undefined, from: From): Promise<Exchanged>;
}

export interface ExchangeDeps {
  readonly workloadTokens: WorkloadTokens;
  readonly tokens: Pick<Tokens, 'issue'>;
  readonly events: SignInEvents;
  readonly lifetimeMs: number;
}

const METHOD = 'workload';

export function createExchange({ workloadTokens, tokens, events, lifetimeMs }: ExchangeDeps): Exchange {
  return {
    async exchange(text, ruleName, from) {
      const judged = await workloadTokens.judge(text, ruleName);
      if (judged.kind === 'refused') {
        events.refused({ user: ruleName ?? METHOD, ...from, method: METHOD, detail: { fault: judged.fault } });
        return judged;
      }
      const { rule, subject, told } = judged.job;
      // What its jobs may do is looked up by the rule's name with each request: a rule that goes takes its tokens along.
      const claims = { subject: `workload:${rule.name}`, generation: 0, access: undefined, workload: subject };
      const token = await tokens.issue(claims, Math.floor(lifetimeMs / 1000));
      const principal = nameOf({ kind: 'workload', name: rule.name, subject, access: rule.access });
      events.signedIn({ principal, ...from, method: METHOD, detail: told });
      return { kind: 'given', token, principal };
    },
  };
}
