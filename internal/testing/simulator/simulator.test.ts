import { describe, expect, it } from '@jest/globals';
import { TAKEOVER_MS } from '../../catalog/deletions.ts';
import { BLOBS, IMAGES } from './content.ts';
import type { Habits } from './client.ts';
import { COLLECTS, DELETES, KEEPS } from './deletes.ts';
import { RULE } from './habits.ts';
import { PUSHES } from './pushes.ts';
import { DELAY_MS } from './replica.ts';
import { SCRUBS } from './scrubs.ts';
import { MUTANTS } from './mutants.ts';
import { simulate } from './simulate.ts';

/** So many histories are lived through here; many more by hand, with `make simulate`. */
const SEEDS = 2000;
const AT_A_TIME = 500;
const PATIENCE_MS = 240_000; // on a machine that is busy with other tests

describe('a registry that is pushed to, pulled from and collected at once', () => {
  it.each(Array.from({ length: SEEDS / AT_A_TIME }, (_, index) => index * AT_A_TIME))(
    'keeps its promises in the histories from seed %i on',
    async (from) => {
      const broken: string[] = [];
      for (let seed = from; seed < from + AT_A_TIME; seed += 1) {
        const { problem } = await simulate(seed);
        if (problem !== undefined) broken.push(`seed ${seed}: ${problem}`);
      }
      expect(broken).toEqual([]);
    },
    PATIENCE_MS,
  );

  it('lives through the same history again with the same seed', async () => {
    const [one, other] = [await simulate(7), await simulate(7)];
    expect(one.trace()).toEqual(other.trace());
    expect(one.steps).toBe(other.steps);
  });
});

const { uploadBlob, mountBlob, putImage, pushImage, lookForBlob } = PUSHES;
const { deleteBlob, leaveGarbage } = DELETES;
const { collect } = COLLECTS;
const { retain } = KEEPS;
const { spoil, scrub } = SCRUBS;
const ONE_BLOB: Partial<Habits> = { blobs: BLOBS.slice(0, 1), images: IMAGES.slice(2, 3), crashes: 0, leaps: 0 };
const GARBAGE: Partial<Habits> = { ...ONE_BLOB, before: [leaveGarbage], stalls: 0.1, count: 4 };
/** A blob that nobody leases any more, and that is garbage until an image is put that needs it. */
const LOOSE: Partial<Habits> = {
  ...ONE_BLOB,
  historyMs: 0,
  before: [uploadBlob, uploadBlob],
  deeds: [putImage, collect],
  leaps: 0.05,
  leapsMs: [DELAY_MS + 1],
  stalls: 0.05,
  count: 6,
};

/** Rules that find things old, again and again. */
const OLD: Partial<Habits> = {
  rules: [{ ...RULE, untaggedAfterMs: DELAY_MS }],
  historyMs: 0,
  tags: 0,
  leaps: 0.05,
  leapsMs: [DELAY_MS + 1],
  count: 10,
};

/** A blob that goes bad, in a bucket. */
const ROTTEN: Partial<Habits> = {
  ...ONE_BLOB,
  isLarge: true,
  isBucket: true,
  before: [uploadBlob, spoil],
  stalls: 0.05,
  count: 8,
};

/** What clients care for in the histories in which a mutant is looked for: where it matters, it is soon found. */
const FOCUS: { readonly [Name in keyof typeof MUTANTS]: Partial<Habits> } = {
  'leases are not looked at': {},
  'pushes lock no row': LOOSE,
  'the collector locks no row': LOOSE,
  'the collector looks and locks in one statement': LOOSE,
  'content goes before it is said that it will': LOOSE,
  'an upload does not ask whether a deletion was begun': { ...GARBAGE, deeds: [uploadBlob, collect] },
  'an upload looks for its content only when its row is committed': {
    ...GARBAGE,
    deeds: [uploadBlob, collect, mountBlob],
    count: 6,
  },
  'a deleter takes all the time it wants': {
    ...GARBAGE,
    deeds: [uploadBlob, collect],
    leaps: 0.1,
    leapsMs: [60_001],
  },
  'what loses a reference is not nominated': {},
  'rules do not look who pushed since they found it old': {
    ...ONE_BLOB,
    ...OLD,
    before: [pushImage],
    deeds: [pushImage, putImage, retain],
  },
  'an index does not hold what it names': {
    ...OLD,
    images: [IMAGES[0], IMAGES[1], IMAGES[3]].filter((image) => image !== undefined),
    before: [pushImage, pushImage, pushImage, pushImage],
    deeds: [putImage, retain],
    crashes: 0,
    stalls: 0.05,
  },
  'a push lifts a quarantine though it left what was there': { ...ROTTEN, deeds: [scrub, uploadBlob] },
  'who reads does not ask what is quarantined': {
    ...ROTTEN,
    before: [],
    deeds: [uploadBlob, spoil, scrub, lookForBlob],
    count: 16,
  },
  'a push does not ask what is quarantined': { ...ROTTEN, before: [pushImage, spoil], deeds: [scrub, pushImage] },
  'what no repository has is left where it is pushed': {
    ...ROTTEN,
    historyMs: 0,
    before: [uploadBlob, spoil, scrub],
    deeds: [deleteBlob, collect, uploadBlob],
    crashes: 0.02,
    leaps: 0.05,
    leapsMs: [TAKEOVER_MS + 1, DELAY_MS + 1],
    count: 12,
  },
  'a pass does not look once more at what it has quarantined': { ...ROTTEN, deeds: [scrub, uploadBlob] },
};
/** Of histories in which a mutant may show itself. */
const MOST = 2000;

describe('the simulator finds out a registry in which', () => {
  it.each(Object.entries(MUTANTS))(
    '%s',
    async (name, mutation) => {
      const focus = FOCUS[name as keyof typeof MUTANTS];
      let problem: string | undefined;
      for (let seed = 0; seed < MOST && problem === undefined; seed += 1) {
        ({ problem } = await simulate(seed, mutation, focus));
      }
      expect(problem).toEqual(expect.any(String));
    },
    PATIENCE_MS,
  );
});
