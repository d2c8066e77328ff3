import type { Audit } from './audit.ts';
import type { SignInEvents } from './ports.ts';

/** Tells the audit who signed in, and as whom somebody tried to. */
export function auditSignIns(audit: Pick<Audit, 'record'>): SignInEvents {
  return {
    signedIn: ({ principal, method, detail, ...from }) =>
      audit.record({ by: { principal, ...from }, action: 'signin', name: principal, detail: { ...detail, method } }),
    refused: ({ user, method, detail, ...from }) =>
      audit.record({
        by: { principal: 'anonymous', ...from },
        action: 'signin',
        name: user,
        result: 'denied',
        detail: { ...detail, method },
      }),
  };
}
