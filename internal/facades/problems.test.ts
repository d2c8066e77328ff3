import { expect, it } from '@jest/globals';
import { prefixProblems } from './problems.ts';

it('two facades may not own the same repositories', () => {
  const [one, two, other] = [
    { name: 'one', prefix: 'tools' },
    { name: 'two', prefix: 'tools' },
    { name: 'other', prefix: 'tools-x' },
  ];
  expect(prefixProblems([one, other])).toEqual([]);
  expect(prefixProblems([one, other, two])).toEqual([
    'facades.one.prefix and facades.two.prefix are both tools: repositories belong to one facade, so give one of them ' +
      'another prefix or switch it off',
  ]);
});
