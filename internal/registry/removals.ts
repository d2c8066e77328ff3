import { OciError, type Digest, type RepositoryName, type Tag } from '../../pkg/oci/index.ts';
import type { Catalog, Origin } from '../catalog/index.ts';
import { keepingRules, type GuardsFor } from './guards.ts';
import type { RegistryConfig } from './options.ts';
import type { RegistryPorts } from './ports.ts';

/** Deletes of what a tag stands for, as a whole. */
export interface Removals {
  /**
   * The tag, and its manifest where no other tag and no index needs it. False where there is no such tag.
   * DELETE_DISABLED, TAG_PROTECTED.
   */
  untag(by: Origin, repository: RepositoryName, tag: Tag): Promise<boolean>;
  /**
   * All tags of the repository (and of all below it), in one transaction; how many. Manifests follow.
   * DELETE_DISABLED, TAG_PROTECTED.
   */
  clear(by: Origin, repository: RepositoryName, below: boolean): Promise<number>;
  /** A manifest that nothing needs any more, for good; nothing happens where something does. */
  forget(by: Origin, repository: RepositoryName, digest: Digest): Promise<void>;
}

interface Deps {
  readonly catalog: Catalog;
  readonly config: RegistryConfig;
  readonly guardsFor: GuardsFor;
  readonly ports: Pick<RegistryPorts, 'clock'>;
}

const ROWS_AT_ONCE = 500;

export function createRemovals({ catalog, config, guardsFor, ports }: Deps): Removals {
  const insistOnDeletes = (): void => {
    if (!config['registry.delete']) throw new OciError('DELETE_DISABLED');
  };

  /** Whether it went: it stays where a tag points at it, or an index names it. */
  async function removeUnused(
    by: Origin,
    repository: RepositoryName,
    digest: Digest,
    forgets: boolean,
  ): Promise<boolean> {
    const nowMs = ports.clock();
    const keepMs = forgets ? undefined : nowMs + config['history.keep'];
    const guards = guardsFor(repository);
    const args = { by, nowMs, repository, digest, guards, keepMs, onlyTags: [], forgets };
    return (await catalog.run('deleteManifest', args)).kind === 'deleted';
  }

  async function untag(by: Origin, repository: RepositoryName, tag: Tag): Promise<boolean> {
    insistOnDeletes();
    for (;;) {
      const found = await catalog.queries.findTag(repository, tag);
      if (!found) return false;
      const at = found.digest;
      const args = { by, nowMs: ports.clock(), repository, guards: guardsFor(repository), tag, at };
      const done = await catalog.run('deleteTag', args);
      if (done.kind === 'kept') throw new OciError('TAG_PROTECTED', done.tag);
      if (done.kind === 'absent') return false;
      if (done.kind === 'moved') continue;
      await removeUnused(by, repository, at, false);
      return true;
    }
  }

  async function* namesBelow(repository: RepositoryName): AsyncGenerator<RepositoryName> {
    const prefix = `${repository}/`;
    for (let after: string | undefined; ;) {
      const page = { prefix, after, limit: ROWS_AT_ONCE };
      const names: readonly RepositoryName[] = await catalog.queries.listRepositories(page);
      yield* names;
      if (names.length < ROWS_AT_ONCE) return;
      after = names.at(-1);
    }
  }

  /** Indexes go before what they name: where something stayed and something went, all is looked at again. */
  async function removeManifests(by: Origin, repository: RepositoryName): Promise<void> {
    let [went, stayed] = [1, 1];
    while (went > 0 && stayed > 0) {
      [went, stayed] = [0, 0];
      for (let after: string | undefined; ;) {
        const page = await catalog.queries.listManifests(repository, { after, limit: ROWS_AT_ONCE });
        const results = await Promise.all(page.map(({ digest }) => removeUnused(by, repository, digest, false)));
        went += results.filter(Boolean).length;
        stayed += results.filter((isGone) => !isGone).length;
        if (page.length < ROWS_AT_ONCE) break;
        after = page.at(-1)?.digest;
      }
    }
  }

  return {
    untag,

    async clear(by, repository, below) {
      insistOnDeletes();
      const kept = keepingRules(config);
      const { raises } = guardsFor(repository);
      const done = await catalog.run('deleteTags', { by, nowMs: ports.clock(), repository, below, kept, raises });
      if (done.kind === 'kept') throw new OciError('TAG_PROTECTED', done.tag);
      await removeManifests(by, repository);
      if (below) for await (const name of namesBelow(repository)) await removeManifests(by, name);
      return done.tags;
    },

    async forget(by, repository, digest) {
      await removeUnused(by, repository, digest, true);
    },
  };
}
