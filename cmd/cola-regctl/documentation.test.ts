import { describe, expect, it } from '@jest/globals';
import { commandLinesOf, faultsOf } from '../../internal/testing/documented.ts';
import { createRegctl } from './cola-regctl.ts';

describe.each(['docs/cola-registry.md', 'docs/cola-regctl.md', 'README.md'])('%s', (page) => {
  it('shows only commands and flags of cola-regctl that there are', async () => {
    const lines = await commandLinesOf(page, 'cola-regctl');
    const faults = await Promise.all(lines.map((line) => faultsOf(line, 'cola-regctl', createRegctl())));
    expect(faults.flat()).toEqual([]);
  });
});

describe('faults in documentation', () => {
  it('are looked for where commands are shown', async () => {
    expect((await commandLinesOf('docs/cola-regctl.md', 'cola-regctl')).length).toBeGreaterThan(5);
  });

  it('are found', async () => {
    const found = await Promise.all(
      ['cola-regctl nonsense', 'cola-regctl registry list --nonsense'].map((line) =>
        faultsOf(line, 'cola-regctl', createRegctl()),
      ),
    );
    expect(found.map((faults) => faults.length)).toEqual([1, 1]);
  });
});
