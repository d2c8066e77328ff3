import { describe, expect, it } from '@jest/globals';
import { digestOf, findDigest, findRepositoryName, parseManifest } from '../../../pkg/oci/index.ts';
import { WORKLOADS } from './table.ts';
import type { Work } from './types.ts';

const setting = { prefix: 'octobench', run: 'r1', scale: { largeBytes: 3_000_000, tags: 500 } };

/** Every path and repository that some work names. */
function namesOf(work: Work): { paths: readonly string[]; repositories: readonly string[] } {
  switch (work.kind) {
    case 'read':
      return {
        paths: work.reads.map(({ path }) => path),
        repositories: work.reads.flatMap((read) => read.repository ?? []),
      };
    case 'pull':
      return { paths: [], repositories: work.images.map(({ repository }) => repository) };
    case 'mount':
      return { paths: [], repositories: [work.from, work.into] };
    case 'mix': {
      const names = work.parts.map((part) => namesOf(part.work));
      return { paths: names.flatMap(({ paths }) => paths), repositories: names.flatMap((some) => some.repositories) };
    }
    case 'upload':
    case 'push':
    case 'tag':
      return { paths: [], repositories: [work.repository] };
    default:
      return work satisfies never;
  }
}

describe('WORKLOADS', () => {
  it('have names of their own', () => {
    expect(new Set(WORKLOADS.map(({ name }) => name)).size).toBe(WORKLOADS.length);
  });

  describe.each(WORKLOADS.map((workload) => [workload.name, workload] as const))('%s', (_name, workload) => {
    const { fixtures, work } = workload.plan(setting);

    it('names repositories that a registry takes, below its prefix', () => {
      for (const repository of [...namesOf(work).repositories, ...fixtures.map((fixture) => fixture.repository)]) {
        expect(findRepositoryName(repository)).toBe(repository);
        expect(repository.startsWith('octobench/')).toBe(true);
      }
    });

    it('needs only what it brings: each path that it reads is of a fixture', () => {
      const held = fixtures.flatMap(({ repository, blobs, manifests }) => [
        ...blobs.map(({ digest }) => `/v2/${repository}/blobs/${digest}`),
        ...manifests.flatMap(({ digest, tags }) =>
          [digest, ...tags].map((name) => `/v2/${repository}/manifests/${name}`),
        ),
        ...manifests.map(({ digest }) => `/v2/${repository}/referrers/${digest}`),
        `/v2/${repository}/tags/list`,
      ]);
      const known = new Set(['/v2/', ...held]);
      for (const path of namesOf(work).paths) expect(known).toContain(path.split('?')[0]);
    });

    it('brings manifests that are valid, with all their blobs', () => {
      for (const { blobs, manifests } of fixtures) {
        const held = new Map(blobs.map(({ digest, body }) => [digest, body.sizeBytes]));
        for (const { bytes, mediaType, digest } of manifests) {
          expect(digestOf(bytes)).toBe(digest);
          const { config, layers } = JSON.parse(bytes.toString()) as Record<string, { digest: string; size: number }[]>;
          expect(() => parseManifest(bytes, mediaType)).not.toThrow();
          for (const blob of [config, ...(layers ?? [])].flat()) {
            expect(held.get(findDigest(blob?.digest ?? '')!)).toBe(blob?.size);
          }
        }
      }
    });

    it('is the same for the same run, so that what is there is used again', () => {
      const names = (again: typeof fixtures): unknown => again.map(({ blobs }) => blobs.map(({ digest }) => digest));
      expect(names(workload.plan(setting).fixtures)).toEqual(names(fixtures));
    });
  });

  it('write where no other run does', () => {
    for (const { plan } of WORKLOADS) {
      const writes = (run: string): readonly string[] => {
        const { work } = plan({ ...setting, run });
        return work.kind === 'read' || work.kind === 'mix'
          ? []
          : namesOf(work).repositories.filter((name) => name.includes(run));
      };
      expect(writes('r2')).toEqual(writes('r1').map((name) => name.replace('r1', 'r2')));
    }
  });
});
