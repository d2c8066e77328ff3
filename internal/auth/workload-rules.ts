import { findAction, type Action } from './actions.ts';
import { claimsHold, parseClaimRule, type ClaimRule, type Claims } from './claims.ts';
import { wrongOfPattern } from './pattern.ts';
import type { Access } from './principal.ts';

/** A rule by which jobs of a CI come in, as a file or an administrator says it. */
export interface RuleSettings {
  readonly preset?: Preset | undefined;
  readonly issuer?: string | undefined;
  readonly jwksUrl?: string | undefined;
  readonly audience?: string | undefined;
  readonly algorithms?: readonly string[] | undefined;
  /** As `claim=pattern`. */
  readonly claims?: readonly string[] | undefined;
  readonly singleUse?: boolean | undefined;
  readonly repositories?: readonly string[] | undefined;
  readonly actions?: readonly string[] | undefined;
}

export const PRESETS = ['github', 'gitlab', 'kubernetes', 'oidc'] as const;
export type Preset = (typeof PRESETS)[number];

/** The same, complete and sound. */
export interface WorkloadRule {
  readonly name: string;
  readonly issuer: string;
  readonly jwksUrl: string | undefined;
  readonly audience: string;
  readonly algorithms: readonly string[];
  readonly claims: readonly ClaimRule[];
  /** Whether a token is taken once only. */
  readonly singleUse: boolean;
  /** What its jobs may do; bindings to `workload:<name>` add to it. */
  readonly access: Access;
}

interface PresetRow {
  readonly issuer: string | undefined;
  readonly algorithms: readonly string[];
  readonly singleUse: boolean;
  /**
   * Anybody gets tokens of a public issuer: a rule has to say whose, by one of these claims, and its pattern has to
   * begin in such a way that no name but one of ours fits.
   */
  readonly pins: Readonly<Record<string, RegExp>>;
  /** For people, which claims these are. */
  readonly pinnedBy: string;
}

const ID = /^\d+$/;
const PRESET_ROWS: Readonly<Record<Preset, PresetRow>> = {
  github: {
    issuer: 'https://token.actions.githubusercontent.com',
    algorithms: ['RS256'],
    singleUse: true,
    pins: {
      repository: /^[^*/]+\//,
      repository_owner: /^[^*/]+$/,
      repository_id: ID,
      repository_owner_id: ID,
      sub: /^repo:[^*/]+\//,
    },
    pinnedBy: 'repository=owner/name, repository_owner, repository_id or repository_owner_id',
  },
  gitlab: {
    issuer: 'https://gitlab.com',
    algorithms: ['RS256'],
    singleUse: true,
    pins: {
      project_path: /^[^*/]+\//,
      namespace_path: /^[^*/]+(?:\/|$)/,
      project_id: ID,
      namespace_id: ID,
      sub: /^project_path:[^*/]+\//,
    },
    pinnedBy: 'project_path=group/project, namespace_path, project_id or namespace_id',
  },
  kubernetes: {
    issuer: undefined,
    algorithms: ['RS256', 'ES256'],
    singleUse: false, // the token in a pod's volume is used until it is replaced
    pins: { sub: /^system:serviceaccount:[^*:]+:/ },
    pinnedBy: 'sub=system:serviceaccount:namespace:name',
  },
  oidc: {
    issuer: undefined,
    algorithms: ['RS256'],
    singleUse: true,
    pins: {},
    pinnedBy: '',
  },
};

const NAME = /^[a-z][a-z0-9_-]{0,39}$/;
/** Public keys only: with any other the key that everybody has would sign. */
const ALGORITHM = /^(?:[RP]S(?:256|384|512)|ES(?:256|384|512)|EdDSA|Ed25519)$/;
const ACTIONS: readonly Action[] = ['pull', 'push', 'create', 'update'];

/** What is wrong with a rule: a sentence each. */
export class RuleInvalid extends Error {
  readonly problems: readonly string[];

  constructor(name: string, problems: readonly string[]) {
    super(`the workload rule ${name} ${problems.join('; ')}`);
    this.name = 'RuleInvalid';
    this.problems = problems;
  }
}

/** `audience`: where the rule says none. Throws RuleInvalid with all that is wrong. */
export function createRule(name: string, settings: RuleSettings, audience: string | undefined): WorkloadRule {
  const row = PRESET_ROWS[settings.preset ?? 'oidc'];
  const problems: string[] = [];
  const required = (value: string | undefined, problem: string): string => {
    if (value === undefined || value === '') problems.push(problem);
    return value ?? '';
  };
  if (!NAME.test(name)) problems.push('needs a name of up to 40 of a-z, 0-9, _ and -, with a letter first');
  const issuer = required(settings.issuer ?? row.issuer, 'needs an issuer');
  for (const url of [issuer, settings.jwksUrl]) {
    if (url && !isWebUrl(url)) problems.push(`has ${url} where a URL has to be`);
  }
  const algorithms = settings.algorithms?.length ? settings.algorithms : row.algorithms;
  if (!algorithms.every((each) => ALGORITHM.test(each)))
    problems.push('has an algorithm that is not one of public keys');
  const claims = (settings.claims ?? []).flatMap((text) => {
    const rule = parseClaimRule(text);
    if (!rule) problems.push(`has ${text} where a claim=pattern has to be`);
    return rule ?? [];
  });
  problems.push(...wrongOfClaims(row, claims));
  const repositories = settings.repositories ?? [];
  for (const pattern of repositories) {
    const wrong = wrongOfPattern(pattern);
    if (wrong !== undefined) problems.push(`has the pattern ${pattern}, which ${wrong}`);
  }
  const actions = (settings.actions ?? ACTIONS).flatMap((text) => {
    const action = findAction(text);
    if (!action || action === 'admin') problems.push(`has the action ${text}, which a job cannot be given`);
    return action ?? [];
  });
  const rule: WorkloadRule = {
    name,
    issuer,
    jwksUrl: settings.jwksUrl,
    audience: required(settings.audience ?? audience, 'needs an audience, or server.public_url in its place'),
    algorithms,
    claims,
    singleUse: settings.singleUse ?? row.singleUse,
    access: { repositories, actions },
  };
  if (problems.length > 0) throw new RuleInvalid(name, problems);
  return rule;
}

function wrongOfClaims({ pins, pinnedBy }: PresetRow, claims: readonly ClaimRule[]): string[] {
  if (claims.every(({ pattern }) => /^\*+$/.test(pattern)))
    return ['needs claims: without them it lets in all jobs of its issuer'];
  const names = Object.keys(pins);
  // Of several rules for one claim any may hold, so each of them has to say whose.
  const isPinned = names.some((name) => {
    const alternatives = claims.filter(({ claim }) => claim === name);
    return alternatives.length > 0 && alternatives.every(({ pattern }) => pins[name]?.test(pattern));
  });
  return names.length === 0 || isPinned ? [] : [`has to say whose jobs it is for, by ${pinnedBy}`];
}

const isWebUrl = (text: string): boolean => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);

/** The first rule that takes the claims of a token; its issuer and audience are judged elsewhere. */
export function findRule(rules: readonly WorkloadRule[], claims: Claims): WorkloadRule | undefined {
  return rules.find((rule) => claimsHold(rule.claims, claims));
}
