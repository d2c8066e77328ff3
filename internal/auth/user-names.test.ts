import { describe, expect, it } from '@jest/globals';
import type { ExternalIdentity } from './mappings.ts';
import { userNamesFor } from './user-names.ts';

const names = (wantedName: string, subject = '1') =>
  userNamesFor({ provider: 'idp', subject, wantedName } as ExternalIdentity);

describe('names for somebody new', () => {
  it.each([
    ['ada', 'ada'],
    ['Ada Lovelace', 'ada-lovelace'],
    ['ada@example.com', 'ada'],
    ['ada.l_o-v', 'ada.l_o-v'],
    ['Élodie', 'elodie'],
    ['../../etc/passwd', 'etc-passwd'],
    ['ada\u0000\r\nroot', 'ada-root'],
    ['user:admin', 'user-admin'],
    ['-._', 'user'],
    ['', 'user'],
    ['@example.com', 'user'],
    ['李', 'user'],
    ['a'.repeat(300), 'a'.repeat(60)],
  ])('of %j begin with %s', (wanted, expected) => {
    expect(names(wanted)[0]).toBe(expected);
  });

  it('go on with numbers, and end with one that nobody else is given', () => {
    expect(names('ada').slice(0, 3)).toEqual(['ada', 'ada-2', 'ada-3']);
    expect(names('ada').at(-1)).toMatch(/^ada-[0-9a-f]{16}$/);
    expect(names('ada').at(-1)).not.toBe(names('ada', '2').at(-1));
    expect(new Set(names('ada')).size).toBe(names('ada').length);
  });
});
