import { describe, expect, it } from '@jest/globals';
import { settingsFor } from './fixtures.suite.ts';
import { addressOf, clientConfig, poolConfig } from './settings.ts';

describe('where a database is', () => {
  it.each([
    ['postgres://octo:x@db.example.com/registry', 'db.example.com', 5432],
    ['postgresql://octo:x@10.0.0.7:6543/registry', '10.0.0.7', 6543],
    ['postgres://octo:x@[2001:db8::1]:5433/registry', '2001:db8::1', 5433],
    ['postgres://octo:x@%2Frun%2Fpostgresql/registry', '/run/postgresql', 5432],
  ])('is read from %s', (url, host, port) => {
    expect(addressOf({ url })).toEqual({ host, port, database: 'registry', user: 'octo', hasPassword: true });
  });
});

describe('how a database is spoken to', () => {
  const sslmodeOf = (url: string) => new URL(clientConfig(settingsFor(url)).connectionString ?? '').searchParams;

  it('reads sslmode as the clients of PostgreSQL do, and says nothing where there is none', () => {
    expect(sslmodeOf('postgres://octo:x@db/registry?sslmode=require').get('uselibpqcompat')).toBe('true');
    expect([...sslmodeOf('postgres://octo:x@db/registry')]).toEqual([]);
  });

  it('waits for an answer a little longer than the server works at it, and for ever where it has no limit', () => {
    const limited = poolConfig(settingsFor('postgres://octo:x@db/registry', { statementTimeoutMs: 1000 }));
    expect(limited).toMatchObject({ statement_timeout: 1000, query_timeout: 6000 });
    const unlimited = poolConfig(settingsFor('postgres://octo:x@db/registry', { statementTimeoutMs: 0 }));
    expect(unlimited).toMatchObject({ statement_timeout: 0, query_timeout: 0 });
  });
});
