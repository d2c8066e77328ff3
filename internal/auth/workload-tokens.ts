import { createHash } from 'node:crypto';
import { decodeJwt, errors, type JWTPayload } from 'jose';
import type { Outbound } from '../outbound/index.ts';
import { claimsHold, textsOf } from './claims.ts';
import { createIssuer, TokenRefused, type Issuer, type IssuerDeps, type TokenFault } from './issuer.ts';
import type { WorkloadRule } from './workload-rules.ts';

/** Why a token of a CI is not taken: `rule` none has its issuer, `claims` none of those takes what it says. */
export type WorkloadFault = TokenFault | 'rule' | 'claims' | 'replayed';

/** A job that a rule lets in. */
export interface Job {
  readonly rule: WorkloadRule;
  /** What the token says that it is. */
  readonly subject: string;
  /** What else it says, as far as people want to know later. */
  readonly told: Readonly<Record<string, string>>;
}

export type Judged = Readonly<{ kind: 'job'; job: Job }> | Readonly<{ kind: 'refused'; fault: WorkloadFault }>;

export interface WorkloadTokens {
  /** Which job a token is of. A name of a rule asks for that one alone. */
  judge(token: string, ruleName: string | undefined): Promise<Judged>;
}

export interface WorkloadTokensDeps {
  readonly rules: () => Promise<readonly WorkloadRule[]>;
  readonly outbound: Outbound;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** True for the first who comes with the name, on whichever replica, until then. */
  readonly useOnce: (name: string, expiresMs: number) => Promise<boolean>;
  readonly onUnavailable?: IssuerDeps['onUnavailable'];
}

const LONGEST = 16 * 1024;
const SLACK_MS = 120_000;
/** Whichever of these there are is told, besides what the rule asks about. */
const TELLING = [
  ...['repository', 'ref', 'workflow_ref', 'event_name', 'actor', 'run_id', 'environment'], // GitHub
  ...['project_path', 'pipeline_id', 'job_id', 'user_login'], // GitLab
];
const MOST_TOLD = 200;
/** Nearer to being taken, the later in the list. */
const NEARNESS: readonly WorkloadFault[] = [
  ...(['rule', 'malformed', 'unavailable', 'key', 'algorithm', 'signature', 'issuer', 'time'] as const),
  ...(['audience', 'claims'] as const),
];

export function createWorkloadTokens(deps: WorkloadTokensDeps): WorkloadTokens {
  const { rules, outbound, clock, useOnce, onUnavailable } = deps;
  // As many as there are rules, and were since the start.
  const issuers = new Map<string, Issuer>();

  function issuerOf({ issuer: url, jwksUrl, algorithms }: WorkloadRule): Issuer {
    const key = JSON.stringify([url, jwksUrl, algorithms]);
    const overrides = jwksUrl === undefined ? {} : { jwks_uri: jwksUrl };
    const issuer = issuers.get(key) ?? createIssuer({ url, overrides, algorithms, outbound, clock, onUnavailable });
    issuers.set(key, issuer);
    return issuer;
  }

  async function findRule(token: string, candidates: readonly WorkloadRule[]) {
    const tried = new Map<string, Promise<JWTPayload>>(); // rules of one issuer have its signature checked once
    let nearest: WorkloadFault = 'rule';
    for (const rule of candidates) {
      const issuer = issuerOf(rule);
      const key = JSON.stringify([issuer.url, rule.jwksUrl, rule.algorithms, rule.audience]);
      const verifying = tried.get(key) ?? issuer.verify(token, rule.audience);
      tried.set(key, verifying);
      const fault = await verifying.then(
        (claims) => (claimsHold(rule.claims, claims) ? undefined : 'claims'),
        (thrown: unknown) => {
          if (thrown instanceof TokenRefused) return thrown.fault;
          throw thrown;
        },
      );
      if (fault === undefined) return { rule, claims: await verifying };
      if (NEARNESS.indexOf(fault) > NEARNESS.indexOf(nearest)) nearest = fault;
    }
    return nearest;
  }

  return {
    async judge(token, ruleName) {
      const issuer = issuerIn(token);
      if (issuer === undefined) return { kind: 'refused', fault: 'malformed' };
      const candidates = (await rules()).filter(
        (rule) => rule.issuer === issuer && (ruleName === undefined || rule.name === ruleName),
      );
      const found = await findRule(token, candidates);
      if (typeof found === 'string') return { kind: 'refused', fault: found };
      const { rule, claims } = found;
      if (rule.singleUse && !(await useOnce(idOf(token, claims), (claims.exp ?? 0) * 1000 + SLACK_MS))) {
        return { kind: 'refused', fault: 'replayed' };
      }
      return { kind: 'job', job: { rule, subject: printable(claims.sub ?? ''), told: toldOf(rule, claims) } };
    },
  };
}

/** Whose the token says that it is: not checked yet. */
function issuerIn(token: string): string | undefined {
  if (token.length > LONGEST) return undefined;
  try {
    return decodeJwt(token).iss;
  } catch (thrown) {
    if (thrown instanceof errors.JOSEError) return undefined;
    throw thrown;
  }
}

/** One token by whatever its signature looks like (some have two forms), where the issuer numbers them. */
function idOf(token: string, { iss = '', jti }: JWTPayload): string {
  const what = jti ?? token.slice(0, token.lastIndexOf('.'));
  return `token ${createHash('sha256')
    .update(JSON.stringify([iss, what]))
    .digest('hex')}`;
}

const printable = (text: string): string => text.replaceAll(/[^\x21-\x7e]/g, '?').slice(0, MOST_TOLD);

function toldOf(rule: WorkloadRule, claims: JWTPayload): Readonly<Record<string, string>> {
  const names = new Set([...rule.claims.map(({ claim }) => claim), ...TELLING]);
  return Object.fromEntries(
    [...names].flatMap((name) => {
      const texts = textsOf(claims, name);
      return texts.length === 0 ? [] : [[name, printable(texts.join(','))]];
    }),
  );
}
