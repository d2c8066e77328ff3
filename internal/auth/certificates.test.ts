import { X509Certificate } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { createCertificateMethod, parseCertificateRule } from './certificates.ts';
import type { KnownUser } from './directory.ts';

// openssl req -x509 -subj '/C=DE/O=Acme, Inc/CN=dns.in-subject.example/emailAddress=subject@example.com' -addext
// 'subjectAltName=email:ada@example.com,DNS:build.example.com,DNS:*.wild.example.com,URI:spiffe://example.com/ci'
const CERTIFICATE = new X509Certificate(`-----BEGIN CERTIFICATE-----
MIICgjCCAiegAwIBAgIUXMvYI9YSAQXebj+nKiYsNeghTaUwCgYIKoZIzj0EAwIw
ZjELMAkGA1UEBhMCREUxEjAQBgNVBAoMCUFjbWUsIEluYzEfMB0GA1UEAwwWZG5z
LmluLXN1YmplY3QuZXhhbXBsZTEiMCAGCSqGSIb3DQEJARYTc3ViamVjdEBleGFt
cGxlLmNvbTAgFw0yNjExMjExNjEyMzVaGA8yMTI2MTAyODE2MTIzNVowZjELMAkG
A1UEBhMCREUxEjAQBgNVBAoMCUFjbWUsIEluYzEfMB0GA1UEAwwWZG5zLmluLXN1
YmplY3QuZXhhbXBsZTEiMCAGCSqGSIb3DQEJARYTc3ViamVjdEBleGFtcGxlLmNv
bTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABPTsGBpSRG7W5mRd35smvumoaJB3
7UDfn0oAFwOPX3bOvOZaxfVMFiedOa/oi/2RQ+luslHmao/FJMQSQBCw/9ujgbAw
ga0wHQYDVR0OBBYEFOiJcsnDWvPFNNQUpj0dqCcOpWmDMB8GA1UdIwQYMBaAFOiJ
csnDWvPFNNQUpj0dqCcOpWmDMA8GA1UdEwEB/wQFMAMBAf8wWgYDVR0RBFMwUYEP
YWRhQGV4YW1wbGUuY29tghFidWlsZC5leGFtcGxlLmNvbYISKi53aWxkLmV4YW1w
bGUuY29thhdzcGlmZmU6Ly9leGFtcGxlLmNvbS9jaTAKBggqhkjOPQQDAgNJADBG
AiEAo3xGeryA0B5xN/souptJFPMjMZT1mjwS6X9K0I4MrXACIQD27d57C0cTmsZ1
R+WYUDDVFCsIGBozC79No2D9mSMuPw==
-----END CERTIFICATE-----
`);
const SHA256 = '80eb8196aa62c2cbefbed0002a9562c2597df49b39b60b20a7d0f389c13cb16a';

const USERS: Readonly<Record<string, KnownUser>> = {
  ada: { user: { name: 'ada', groups: ['dev'] }, password: undefined, generation: 1, isDisabled: false },
  gone: { user: { name: 'gone', groups: [] }, password: undefined, generation: 1, isDisabled: true },
};

async function signIn(texts: readonly string[], more: object = {}) {
  const rules = texts.flatMap((text) => parseCertificateRule(text) ?? []);
  const method = createCertificateMethod(rules, async (name) => USERS[name]);
  const presented = {
    certificate: CERTIFICATE,
    basic: undefined,
    bearer: undefined,
    cookies: new Map<string, string>(),
  };
  return method.signIn({ ...presented, address: '', requestId: '', ...more });
}

describe('a client certificate', () => {
  it.each([
    'email:ada@example.com=ada',
    'dns:build.example.com=ada',
    'dns:BUILD.example.com=ada',
    'uri:spiffe://example.com/ci=ada',
    'subject:C=DE,O=Acme\\, Inc,CN=dns.in-subject.example,emailAddress=subject@example.com=ada',
    'subject:C=DE, O=Acme\\, Inc, CN=dns.in-subject.example, emailAddress=subject@example.com=ada',
    `sha256:${SHA256}=ada`,
    `sha256:${SHA256.toUpperCase().replaceAll(/..(?=.)/g, '$&:')}=ada`,
  ])('is the user’s of a rule that fits: %s', async (text) => {
    expect(await signIn([text])).toEqual({
      kind: 'signedIn',
      identity: { principal: { kind: 'user', name: 'ada', groups: ['dev'] } },
      ambient: true,
    });
  });

  it.each([
    'email:other@example.com=ada',
    'email:subject@example.com=ada',
    'dns:dns.in-subject.example=ada',
    'dns:other.example.com=ada',
    'dns:x.wild.example.com=ada',
    'uri:spiffe://example.com/c=ada',
    'subject:CN=dns.in-subject.example=ada',
    'subject:C=DE,O=Acme,Inc,CN=dns.in-subject.example,emailAddress=subject@example.com=ada',
    `sha256:${'0'.repeat(64)}=ada`,
    'email:ada@example.com=nobody',
    'email:ada@example.com=gone',
  ])('is nobody’s by one that does not: %s', async (text) => {
    expect(await signIn([text])).toBeUndefined();
  });

  it('is the user’s of the first rule that fits', async () => {
    expect(
      await signIn(['dns:x.example=gone', 'email:ada@example.com=ada', 'dns:build.example.com=gone']),
    ).toBeDefined();
    expect(await signIn(['dns:build.example.com=gone', 'email:ada@example.com=ada'])).toBeUndefined();
  });

  it('counts for less than what was sent on purpose', async () => {
    expect(await signIn(['email:ada@example.com=ada'], { bearer: 'x' })).toBeUndefined();
    expect(await signIn(['email:ada@example.com=ada'], { basic: { user: 'a', password: 'b' } })).toBeUndefined();
    expect(await signIn(['email:ada@example.com=ada'], { certificate: undefined })).toBeUndefined();
  });

  it.each(['', 'ada', 'email:=ada', 'email:a@b=', 'email:a@b=a:b', 'cn:ada=ada', 'sha256:00=ada', 'email:a@b=a b'])(
    'has no rule such as %j',
    (text) => {
      expect(parseCertificateRule(text)).toBeUndefined();
    },
  );
});
