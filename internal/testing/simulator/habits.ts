import { TAKEOVER_MS } from '../../catalog/deletions.ts';
import type { RetentionRule } from '../../gc/retention/rules.ts';
import type { Deed, Habits } from './client.ts';
import { BLOBS, IMAGES } from './content.ts';
import { COLLECTS, DELETES, KEEPS } from './deletes.ts';
import { PUSHES } from './pushes.ts';
import type { Random } from './random.ts';
import { DELAY_MS } from './replica.ts';
import { SCRUBS } from './scrubs.ts';

/** Few of the things and few of the deeds: in some histories much happens to little. */
export function chooseHabits(random: Random): Habits {
  const images = random.some(IMAGES);
  const parts = images.flatMap((image) => image.blobs);
  const befalls = random.chance(50) ? [SCRUBS] : [];
  return {
    images,
    blobs: random.chance(70) && parts.length > 0 ? [random.pick(parts)] : BLOBS,
    deeds: [PUSHES, DELETES, COLLECTS, KEEPS, ...befalls].flatMap((deeds) => {
      const all = Object.values<Deed>(deeds);
      return random.chance(50) ? [random.pick(all)] : random.some(all);
    }),
    before: [],
    count: 16,
    tags: random.pick([0, 0.8]),
    rules: [
      {
        ...RULE,
        keepLast: random.chance(50) ? 1 : undefined,
        untaggedAfterMs: random.chance(50) ? DELAY_MS : undefined,
      },
    ],
    historyMs: random.pick([0, DELAY_MS / 2, 2 * DELAY_MS]),
    crashes: random.pick([0, 0.003, 0.01]),
    leaps: random.pick([0, 0.01, 0.05]),
    leapsMs: random.some(LEAPS_MS),
    stalls: random.pick([0, 0.03, 0.1]),
    isLarge: random.chance(50),
    isBucket: random.chance(50),
  };
}

const LEAPS_MS = [1000, TAKEOVER_MS / 4, TAKEOVER_MS / 2, TAKEOVER_MS + 1, DELAY_MS / 2 + 1, DELAY_MS + 1];
/** Lets nothing go. */
export const RULE: RetentionRule = {
  name: 'rule',
  repositories: ['**'],
  tags: ['*'],
  keepTags: [],
  keepLast: undefined,
  keepVersions: undefined,
  keepWithinMs: undefined,
  keepPulledWithinMs: undefined,
  untaggedAfterMs: undefined,
};
