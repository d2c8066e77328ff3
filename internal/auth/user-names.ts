import { createHash } from 'node:crypto';
import type { ExternalIdentity } from './mappings.ts';

const LONGEST = 60;
const NUMBERED = 20;

/**
 * Names for somebody new, the best first: what they are called there, or what stands before the @, with a number where
 * that is taken, and last one that nobody else is given.
 */
export function userNamesFor({ provider, subject, wantedName }: ExternalIdentity): readonly string[] {
  const [local = ''] = wantedName.split('@');
  const plain = local
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/\p{Mn}/gu, '') // é is an e with an accent
    .replaceAll(/[^a-z0-9._-]+/g, '-')
    .replace(/^[._-]+/, '')
    .slice(0, LONGEST)
    .replace(/[._-]+$/, '');
  const base = plain === '' ? 'user' : plain;
  const numbered = Array.from({ length: NUMBERED }, (_, index) => (index === 0 ? base : `${base}-${index + 1}`));
  const hash = createHash('sha256')
    .update(JSON.stringify([provider, subject]))
    .digest('hex');
  return [...numbered, `${base}-${hash.slice(0, 16)}`];
}
