import { isVersion } from './rules/versions.ts';
import { versionOfTag, type Tag } from '../../../pkg/oci/index.ts';
import { toAuditEntry, type AuditRow } from '../../auth/index.ts';
import type { Names } from './names.ts';

/** What a tag of a registry's or package's own stands for. */
const DOCUMENTS: Readonly<Record<string, string>> = { _registry: 'registry', _package: 'package' };
const OUTCOMES = { done: 'ok', denied: 'denied', failed: 'failed' } as const;

/** The name of COLA for what was done, and to which version; what has none keeps the product's. */
function actionOf({ action, name, from }: AuditRow): { readonly action: string; readonly version: string | null } {
  const verb =
    action === 'tag.put' ? (from === undefined ? 'create' : 'update') : action === 'tag.delete' ? 'delete' : undefined;
  const version = versionOfTag(name as Tag); // of a tag's entry the name is the tag
  const what = verb && (DOCUMENTS[name] ?? (isVersion(version) ? 'version' : undefined));
  if (what === undefined) return { action, version: null };
  return { action: `${what}.${verb}`, version: what === 'version' ? version : null };
}

/** The product's actions that may be called so in COLA. */
export const productActionOf = (action: string): string =>
  /^(?:registry|package|version)\.(?:create|update)$/.test(action)
    ? 'tag.put'
    : /^(?:registry|package|version)\.delete$/.test(action)
      ? 'tag.delete'
      : action;

/** An entry of the audit in the words of contract 11.4; undefined where it is not about a registry of COLA. */
export function toColaEntry(row: AuditRow, names: Names) {
  const place = row.repository === undefined ? undefined : names.read(row.repository);
  if (!place) return undefined;
  const { time, address, principal } = toAuditEntry(row);
  return {
    id: `${row.timeMs}-${row.id}`,
    time,
    actor: principal,
    ip: address,
    request_id: row.by.requestId,
    ...actionOf(row),
    registry: place.registry,
    package: place.packageName ?? null,
    outcome: OUTCOMES[row.result],
    before: row.from ?? null,
    after: row.to ?? null,
  };
}
