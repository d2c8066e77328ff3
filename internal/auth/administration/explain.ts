import { unreachable } from '../../../pkg/oci/index.ts';
import type { Decision } from '../decide.ts';

/** In one line of plain words, why something may be done or not. */
export function explain({ allowed, rule }: Decision): string {
  switch (rule.kind) {
    case 'binding': {
      const { subject, role, pattern } = rule.binding;
      return `${allowed ? 'allowed' : 'denied'}: ${subject} has the role ${role} on ${pattern}`;
    }
    case 'access':
      return `allowed: it was given ${rule.access.actions.join(', ')} on ${rule.access.repositories.join(', ')}`;
    case 'limit':
      return `denied: its owner may, but the key is limited to ${rule.access.actions.join(', ')} on ${rule.access.repositories.join(', ')}`;
    case 'scope':
      return 'denied: its principal may, but the token was not given it';
    case 'none':
      return 'denied: no rule allows it';
    default:
      return unreachable(rule);
  }
}
