import type { Audit } from './audit.ts';
import type { SignInEvents } from './ports.ts';

/** Tells the audit who signed in, and as whom somebody tried to. */
export function auditSignIns(audit: Pick<Audit, 'record'>): SignInEvents {
  return {
    signedIn: ({ principal, method, detail, address, requestId }) =>
      audit.record({
        by: { principal, address, requestId },
        action: 'signin',
        name: principal,
        detail: { method, ...detail },
      }),
    refused: ({ user, method, detail, address, requestId }) =>
      audit.record({
        by: { principal: 'anonymous', address, requestId },
        action: 'signin',
        name: user,
        result: 'denied',
        detail: { method, ...detail },
      }),
  };
}
