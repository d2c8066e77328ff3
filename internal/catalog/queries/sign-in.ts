import type { ProfileRow, SessionRow, WorkloadRuleRow } from '../sign-in-types.ts';
import { statement } from '../statement.ts';
import { row, rows, type Work } from '../step.ts';

const profileOf = statement<{ name: string }>()((q, p) =>
  q
    .selectFrom('profiles')
    .select(['provider', 'subject', 'avatar_url as avatarUrl', 'organizations', 'teams'])
    .where('user_name', '=', p.name),
);

const sessionByHash = statement<{ hash: string; nowMs: number }>()((q, p) =>
  q
    .selectFrom('sessions')
    .select(['user_name as userName', 'generation', 'created_ms as createdMs', 'expires_ms as expiresMs'])
    .where('hash', '=', p.hash)
    .where('expires_ms', '>', p.nowMs),
);

const allRules = statement<{}>()((q) =>
  q.selectFrom('workload_rules').select(['name', 'document', 'changed_ms as changedMs']).orderBy('name'),
);

export function* findProfile(userName: string): Work<ProfileRow | undefined> {
  const stored = yield* row(profileOf, { name: userName });
  return (
    stored && {
      ...stored,
      avatarUrl: stored.avatarUrl ?? undefined,
      organizations: JSON.parse(stored.organizations) as string[],
      teams: JSON.parse(stored.teams) as string[],
    }
  );
}

export function* findSession(hash: string, nowMs: number): Work<SessionRow | undefined> {
  return yield* row(sessionByHash, { hash, nowMs });
}

export function* listWorkloadRules(): Work<readonly WorkloadRuleRow[]> {
  return yield* rows(allRules, {});
}
