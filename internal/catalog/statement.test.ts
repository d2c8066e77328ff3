import { describe, expect, it } from '@jest/globals';
import { compile, statement } from './statement.ts';
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
  });

  it('refuses a constant among the parameters, which nobody would bind', () => {
    const careless = statement<{}>()((q) => q.selectFrom('leases').select('name').where('name', '=', 'job'));
    expect(() => compile(careless, SQLITE)).toThrow(/written with lit/);
  });
});
