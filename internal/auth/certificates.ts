import type { X509Certificate } from 'node:crypto';
import { unreachable } from '../../pkg/oci/index.ts';
import type { KnownUser } from './directory.ts';
import { isUserName } from './names.ts';
import type { Method } from './sign-in.ts';

const KINDS = ['email', 'dns', 'uri', 'subject', 'sha256'] as const;

/** Whose a client certificate is: one that says this is that user's. */
export interface CertificateRule {
  readonly kind: (typeof KINDS)[number];
  readonly value: string;
  readonly user: string;
}

/** `email:ada@example.com=ada`; undefined where it is none. No name of a user has an equals sign. */
export function parseCertificateRule(text: string): CertificateRule | undefined {
  const at = text.lastIndexOf('=');
  const [said, user] = [text.slice(0, at), text.slice(at + 1).trim()];
  const colon = said.indexOf(':');
  const kind = KINDS.find((each) => each === said.slice(0, colon));
  const value = said.slice(colon + 1).trim();
  if (at < 0 || !kind || value === '' || !isUserName(user)) return undefined;
  if (kind === 'sha256') {
    const hex = value.replaceAll(':', '').toLowerCase();
    return /^[0-9a-f]{64}$/.test(hex) ? { kind, value: hex, user } : undefined;
  }
  return { kind, value: kind === 'subject' ? plainSubject(value) : value, user };
}

/** `CN=ada,O=Acme` and Node's lines of the same, in the order that they have. */
const plainSubject = (text: string): string => text.replaceAll(/\n|\s*,\s*(?=[A-Za-z0-9.]+=)/g, ',');

/** Names are those of the subject's alternative names: what else a subject holds is no address and no host. */
function says(certificate: X509Certificate, { kind, value }: CertificateRule): boolean {
  switch (kind) {
    case 'email':
      return certificate.checkEmail(value, { subject: 'never' }) !== undefined;
    case 'dns':
      return certificate.checkHost(value, { subject: 'never', wildcards: false }) !== undefined;
    case 'uri':
      // One that would have to be quoted is not looked for: it could be made to look like two.
      return (certificate.subjectAltName ?? '').split(', ').includes(`URI:${value}`);
    case 'subject':
      return plainSubject(certificate.subject) === value;
    case 'sha256':
      return certificate.fingerprint256.replaceAll(':', '').toLowerCase() === value;
    default:
      return unreachable(kind);
  }
}

/** Lets in clients that show a certificate which was verified, as the user of the first rule that fits. */
export function createCertificateMethod(
  rules: readonly CertificateRule[],
  findUser: (name: string) => Promise<KnownUser | undefined>,
): Method {
  // A connection's certificate is the same object with each request.
  const known = new WeakMap<X509Certificate, CertificateRule | 'nobody'>();
  return {
    name: 'certificate',
    async signIn({ certificate, basic, bearer }) {
      // What is sent on purpose goes before what comes with the connection.
      if (!certificate || basic || bearer !== undefined) return undefined;
      const rule = known.get(certificate) ?? rules.find((each) => says(certificate, each)) ?? 'nobody';
      known.set(certificate, rule);
      const user = rule === 'nobody' ? undefined : await findUser(rule.user);
      if (!user || user.isDisabled) return undefined;
      return { kind: 'signedIn', identity: { principal: { kind: 'user', ...user.user } }, ambient: true };
    },
  };
}
