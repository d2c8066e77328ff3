import { describe, expect, it } from '@jest/globals';
import { digestOf } from '../../../pkg/oci/index.ts';
import { BIG, countInBig, createImages, createLookup, readableOf, REFERRERS, stagesOf } from './layout.ts';

const STAGES = stagesOf([1000, 3000]);
const all = STAGES.flatMap((stage) =>
  Array.from({ length: stage.to - stage.from }, (_, place) => createImages(stage)(stage.from + place)),
);

describe('images', () => {
  it('have a manifest, a blob and a tag each', () => {
    for (const what of ['manifest', 'blob', 'tag'] as const) {
      expect(new Set(all.map((image) => image[what])).size).toBe(3000);
    }
  });

  it('are in the big repository, one in five, and eight to a small one', () => {
    const counts = new Map<string, number>();
    for (const { repository } of all) counts.set(repository, (counts.get(repository) ?? 0) + 1);
    expect(counts.get(BIG)).toBe(countInBig(3000));
    expect(new Set(counts.values())).toEqual(new Set([600, 8]));
    expect(counts.size).toBe(301);
  });

  it('come in the order of their digests within a stage, those aside that can be read', () => {
    for (const { from, to } of STAGES) {
      const digests = all.slice(from, to).flatMap(({ content, manifest }) => (content ? [] : manifest));
      expect(digests).toEqual(digests.toSorted());
    }
  });

  it('that can be read are what their digests say, and all over each stage', () => {
    for (const stage of STAGES) {
      const readable = readableOf(stage).map(createLookup(STAGES));
      expect(new Set(readable.map(({ index }) => index)).size).toBe(50);
      for (const { index, content, manifest, repository, subject } of readable) {
        expect(content && digestOf(content.manifest)).toBe(manifest);
        expect({ repository, subject, isInStage: index >= stage.from && index < stage.to }).toEqual({
          repository: BIG,
          subject: undefined,
          isInStage: true,
        });
      }
    }
  });

  it('refer to an image of the same repository, so many to one', () => {
    const counts = new Map<string, number>();
    for (const { subject } of all) if (subject) counts.set(subject, (counts.get(subject) ?? 0) + 1);
    const subjects = all.filter(({ manifest }) => counts.has(manifest));
    expect(subjects.map(({ repository }) => repository)).toEqual(subjects.map(() => BIG));
    expect([...counts.values()]).toEqual(subjects.map(() => REFERRERS));
  });
});
