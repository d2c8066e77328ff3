import { describe, expect, it } from '@jest/globals';
import { DatabaseError } from 'pg';
import { explain, explainConnecting, explainSilence, Unfit } from './explain.ts';
import { addressOf } from './settings.ts';

const URL_TEXT = 'postgres://octo:s%2Fcret@db.example.com:6543/registry?sslmode=verify-full';
const ADDRESS = addressOf({ url: URL_TEXT });

const systemError = (code: string) => Object.assign(new Error(`it failed with ${code}`), { code });
const stateError = (code: string) => Object.assign(new DatabaseError('refused', 1, 'error'), { code });

describe('what is told of a database that cannot be used', () => {
  it.each([
    ['ECONNREFUSED', /db\.example\.com:6543 refuses connections.*catalog\.url/],
    ['ENOTFOUND', /no host db\.example\.com.*catalog\.url/],
    ['EAI_AGAIN', /db\.example\.com cannot be looked up.*DNS/],
    ['ETIMEDOUT', /does not answer.*catalog\.url.*firewall/],
    ['EHOSTUNREACH', /does not answer/],
    ['ECONNRESET', /cuts the connection.*6543/],
    ['ENOENT', /sslrootcert.*cannot be read/],
    ['SELF_SIGNED_CERT_IN_CHAIN', /signed by nobody.*sslrootcert/],
    ['CERT_HAS_EXPIRED', /not valid at this time.*clock/],
    ['ERR_TLS_CERT_ALTNAME_INVALID', /another host's.*catalog\.url/],
  ])('names the cause and the setting for %s', (code, line) => {
    expect(explain(systemError(code), ADDRESS)).toMatch(line);
  });

  it.each([
    ['28P01', /refuses user octo with this password.*catalog\.url/],
    ['28000', /user octo.*pg_hba\.conf/],
    ['3D000', /no database registry.*catalog\.url/],
    ['42501', /user octo may not make tables in database registry.*grant/],
    ['53300', /max_connections.*catalog\.pool_size/],
    ['53100', /no room/],
    ['25006', /read-only.*primary/],
    ['55P03', /another process/],
    ['57P03', /starting or stopping/],
  ])('names the cause and the setting for the state %s', (code, line) => {
    expect(explain(stateError(code), ADDRESS)).toMatch(line);
  });

  it('takes the word of whoever found it unfit', () => {
    expect(explain(new Unfit('it has the wrong encoding'), ADDRESS)).toBe('it has the wrong encoding');
  });

  it('has nothing to say of what is no matter of reaching the database', () => {
    expect(explain(stateError('42601'), ADDRESS)).toBeUndefined();
    expect(explain(new TypeError('a bug'), ADDRESS)).toBeUndefined();
  });

  it('says of any failure to connect what it was and where, and whether a password was given', () => {
    const odd = new Error('the server speaks another protocol');
    expect(explainConnecting(odd, ADDRESS)).toMatch(/db\.example\.com:6543.*another protocol; see catalog\.url$/);
    const unsigned = addressOf({ url: 'postgres://octo@db/registry' });
    expect(explainConnecting(odd, unsigned)).toMatch(/db:5432.*catalog\.url, which has no password$/);
  });

  it('is one line, and never has the password in it', () => {
    const lines = [
      ...['ECONNREFUSED', 'ENOTFOUND', 'ETIMEDOUT', 'ECONNRESET', 'CERT_HAS_EXPIRED'].map(systemError),
      ...['28P01', '28000', '3D000', '42501', '53300'].map(stateError),
    ].map((error) => explainConnecting(error, ADDRESS));
    for (const line of [...lines, explainSilence(ADDRESS)]) {
      expect(line).not.toMatch(/cret|\n/);
    }
  });
});
