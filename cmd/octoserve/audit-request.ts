import { CHANGE_ACTIONS, CHANGE_RESULTS, type AuditFilter } from '../../internal/auth/index.ts';
import { UsageError, type CommandInput } from '../../internal/cli/index.ts';
import { findRepositoryName } from '../../pkg/oci/index.ts';
import { findTime } from './times.ts';

export interface AuditRequest {
  readonly filter: AuditFilter;
  readonly limit: number;
}

const SOME = 100;

/** What `octoserve audit` was asked for; a UsageError names what cannot be read. */
export function parseAuditRequest(options: CommandInput['options'], nowMs: number): AuditRequest {
  const given = <Value>(name: string, what: string, find: (text: string) => Value | undefined): Value | undefined => {
    const text = options[name];
    if (typeof text !== 'string') return undefined;
    const found = find(text);
    if (found === undefined) throw new UsageError(`--${name} ${text} is no ${what}`);
    return found;
  };
  const time = (text: string): number | undefined => findTime(text, nowMs);
  return {
    filter: {
      principal: given('principal', 'principal', (text) => text || undefined),
      action: given('action', `action: it is one of ${CHANGE_ACTIONS.join(', ')}`, (text) =>
        CHANGE_ACTIONS.find((action) => action === text),
      ),
      repository: given('repository', 'repository', findRepositoryName),
      result: given('result', 'result', (text) => CHANGE_RESULTS.find((result) => result === text)),
      sinceMs: given('since', 'time', time),
      untilMs: given('until', 'time', time),
    },
    limit: given('limit', 'count of 1 or more', findCount) ?? SOME,
  };
}

function findCount(text: string): number | undefined {
  const count = /^\d+$/.test(text) ? Number(text) : 0;
  return count > 0 && Number.isSafeInteger(count) ? count : undefined;
}
