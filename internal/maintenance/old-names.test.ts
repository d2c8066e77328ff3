import { describe, expect, it } from '@jest/globals';
import { parseRepositoryName } from '../../pkg/oci/index.ts';
import { findOldName } from './old-names.ts';

const NONE = new Map();
const hint = (folder: string, name: string): string =>
  `the older Octoserve wrote / as _: if this was ${name}, import it with --name ${folder}=${name}`;

describe('the name of an older folder', () => {
  it.each([
    ['app', undefined],
    ['my-app.x', undefined],
    ['team_app', hint('team_app', 'team/app')],
    ['a_b_c', hint('a_b_c', 'a/b/c')],
    // A name may hold two of them, and then no slash can have been there: `a//b` is no name.
    ['a__b', 'the older Octoserve wrote / as _: if this was another name, import it with --name a__b=<name>'],
  ])('%s is taken as it stands, with a word where it may have been another', (folder, doubt) => {
    expect(findOldName(folder, NONE)).toEqual({ kind: 'known', repository: folder, doubt });
  });

  it('is what it is said to have been', () => {
    const names = new Map([['team_my_app', parseRepositoryName('team/my_app')]]);
    expect(findOldName('team_my_app', names)).toEqual({ kind: 'known', repository: 'team/my_app', doubt: undefined });
  });

  it.each(['Team', '_app', 'a..b', '', 'a b'])('%j is none', (folder) => {
    expect(findOldName(folder, NONE)).toMatchObject({ kind: 'invalid' });
  });
});
