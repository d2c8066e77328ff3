import { describe, expect, it } from '@jest/globals';
import { compile, statement } from './statement.ts';
import { POSTGRES } from './postgres/dialect.ts';
import { SQLITE } from './sqlite/connection.ts';

describe('statement', () => {
  it('is compiled to text with a place for each parameter, named in order', () => {
    const rename = statement<{ name: string; was: string }>()((q, p) =>
      q
        .updateTable('leases')
        .set({ name: p.name })
        .where('name', '=', p.was)
        .where('until_ms', '>', (eb) => eb.lit(0)),
    );
    expect(compile(rename, SQLITE)).toEqual({
      sql: `update "leases" set "name" = ? where "name" = ? and "until_ms" > 0`,
      order: ['name', 'was'],
    });
    expect(compile(rename, POSTGRES)).toEqual({
      sql: `update "leases" set "name" = $1 where "name" = $2 and "until_ms" > 0`,
      order: ['name', 'was'],
    });
  });

  it('locks rows where transactions run beside each other, and nowhere else', () => {
    const held = statement<{ name: string }>()((q, p) =>
      q.selectFrom('leases').select('holder').where('name', '=', p.name).forUpdate().skipLocked(),
    );
    const sql = 'select "holder" from "leases" where "name" =';
    expect(compile(held, POSTGRES).sql).toBe(`${sql} $1 for update skip locked`);
    expect(compile(held, SQLITE).sql).toBe(`${sql} ?`);
  });

  it('refuses a constant among the parameters, which nobody would bind', () => {
    const careless = statement<{}>()((q) => q.selectFrom('leases').select('name').where('name', '=', 'job'));
    expect(() => compile(careless, SQLITE)).toThrow(/written with lit/);
  });
});
