import { describe, expect, it } from '@jest/globals';
import { commandLinesOf, faultsOf } from '../../internal/testing/documented.ts';
import { createColaRegistry } from './cola-registry.ts';

describe.each(['docs/cola-registry.md', 'docs/cola-regctl.md', 'README.md'])('%s', (page) => {
  it('shows only commands and flags of cola-registry that there are', async () => {
    const lines = await commandLinesOf(page, 'cola-registry');
    const faults = await Promise.all(lines.map((line) => faultsOf(line, 'cola-registry', createColaRegistry())));
    expect(faults.flat()).toEqual([]);
  });
});

describe('faults in documentation', () => {
  it('are looked for where commands are shown', async () => {
    expect((await commandLinesOf('docs/cola-registry.md', 'cola-registry')).length).toBeGreaterThan(5);
  });

  it('are found', async () => {
    const found = await Promise.all(
      ['cola-registry nonsense', 'cola-registry server --nonsense'].map((line) =>
        faultsOf(line, 'cola-registry', createColaRegistry()),
      ),
    );
    expect(found.map((faults) => faults.length)).toEqual([1, 1]);
  });
});
