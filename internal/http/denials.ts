import { OciError } from '../../pkg/oci/index.ts';
import type { AuditEvent } from '../auth/index.ts';
import { redactPath } from '../log/index.ts';
import type { Exchange } from './exchange.ts';
import type { RouteAction } from './routes.ts';

const ACTIONS: Readonly<Record<RouteAction, AuditEvent['action'] | undefined>> = {
  none: undefined,
  catalog: 'access.pull',
  pull: 'access.pull',
  push: 'access.push',
  delete: 'access.delete',
  admin: 'access.admin',
};

/** What the audit is told of an exchange that ended in a refusal; undefined where it did not. */
export function denialOf(exchange: Exchange): AuditEvent | undefined {
  const { demand, failure } = exchange;
  // Some things are only decided beside the rows that they change.
  const refusal = failure instanceof OciError && failure.code === 'DENIED' ? failure : undefined;
  const action = demand && ACTIONS[demand.action];
  if (!action || !(exchange.isDenied || refusal)) return undefined;
  const { principal, address, requestId, method, path } = exchange;
  const reason = refusal?.detail[0];
  return {
    by: { principal, address, requestId },
    action,
    name: `${method} ${redactPath(path)}`,
    repository: demand.repository,
    result: 'denied',
    ...(reason !== undefined && { detail: { reason } }),
  };
}
