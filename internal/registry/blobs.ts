import { digestOf, OciError, unreachable, type Digest, type RepositoryName } from '../../pkg/oci/index.ts';
import type { Catalog, HeldBlob, Origin } from '../catalog/index.ts';
import type { Storage } from '../storage/index.ts';
import type { OpenContent, VerifiedContent } from './content.ts';
import type { DoorOf } from './doors.ts';
import type { RegistryConfig } from './options.ts';
import type { Damage, RegistryPorts } from './ports.ts';
import type { PullNotes } from './pull-notes.ts';
import { createRecentLooks } from './recent-looks.ts';

export interface Blobs {
  /**
   * Size in bytes of a blob that the repository holds, for who relies on it from now on: it is kept for a while, referenced
   * or not. BLOB_UNKNOWN, also where storage has not got it as it was.
   */
  stat(repository: RepositoryName, digest: Digest): Promise<{ readonly sizeBytes: number }>;
  /**
   * The blob's content, to be closed by the caller, with `here` never `elsewhere`; BLOB_UNKNOWN as in `stat`. Where a door
   * owns the repository, files are pulled without their manifests: there this is a pull of those that name it.
   */
  open(repository: RepositoryName, digest: Digest, options?: { readonly here?: boolean }): Promise<OpenContent>;
  /** Takes the blob out of this repository. BLOB_UNKNOWN, BLOB_REFERENCED (detail: the manifest), DELETE_DISABLED. */
  delete(by: Origin, repository: RepositoryName, digest: Digest): Promise<void>;
}

interface Deps {
  readonly storage: Storage;
  readonly catalog: Catalog;
  readonly content: VerifiedContent;
  readonly pulls: Pick<PullNotes, 'noteBlob'>;
  readonly doorOf: DoorOf;
  readonly leaseMs: number;
  readonly config: RegistryConfig;
  readonly ports: RegistryPorts;
}

/** Smaller blobs are answered sooner than a redirect would be followed (DESIGN: the read path). */
const ELSEWHERE_BYTES = 1024 * 1024;
const ELSEWHERE_SECONDS = 60;
/** Nearly every artifact names it, so it tells of none. */
const EMPTY_CONFIG = digestOf(Buffer.from('{}'));

export function createBlobs({ storage, catalog, content, pulls, doorOf, leaseMs, config, ports }: Deps): Blobs {
  /**
   * Damaged content is answered like absent content: a client that is told so pushes it again, which mends it. So is
   * what was found damaged before, whatever storage has by now: of that nobody is told again.
   */
  function damaged(repository: RepositoryName, digest: Digest, problem: Damage['problem']): OciError {
    ports.onDamage({ repository, digest, problem });
    return new OciError('BLOB_UNKNOWN', digest);
  }

  async function held(repository: RepositoryName, digest: Digest): Promise<number> {
    const row = await catalog.queries.findBlob(repository, digest);
    if (!row || row.damage) throw new OciError('BLOB_UNKNOWN', digest);
    return row.sizeBytes;
  }

  /** False where the blob went just now. Who asks again and again writes only when half the time is over. */
  async function keep(repository: RepositoryName, digest: Digest, { leasedUntilMs }: HeldBlob): Promise<boolean> {
    const nowMs = ports.clock();
    if (leasedUntilMs === undefined || leasedUntilMs - nowMs >= leaseMs / 2) return true;
    return catalog.run('extendLease', { repository, digest, nowMs, untilMs: nowMs + leaseMs });
  }

  const looks = createRecentLooks(ports.ticks);

  /** Whoever serves it does not know what is to be there: it is looked at before anybody is sent to it. */
  async function look(repository: RepositoryName, digest: Digest, sizeBytes: number): Promise<void> {
    if (looks.has(digest)) return;
    const problem = await content.check(digest, sizeBytes);
    if (problem) throw damaged(repository, digest, problem);
    looks.note(digest);
  }

  return {
    async stat(repository, digest) {
      const found = await catalog.queries.findHeldBlob(repository, digest);
      if (!found || found.damage || !(await keep(repository, digest, found)))
        throw new OciError('BLOB_UNKNOWN', digest);
      const { sizeBytes } = found;
      const problem = await content.check(digest, sizeBytes);
      if (problem) throw damaged(repository, digest, problem);
      return { sizeBytes };
    },

    async open(repository, digest, { here = false } = {}) {
      const sizeBytes = await held(repository, digest);
      if (digest !== EMPTY_CONFIG && doorOf(repository)) pulls.noteBlob(repository, digest);
      if (storage.presign && !here && sizeBytes >= ELSEWHERE_BYTES) {
        await look(repository, digest, sizeBytes);
        return { kind: 'elsewhere', sizeBytes, url: await storage.presign(digest, ELSEWHERE_SECONDS) };
      }
      const bytes = content.atHand(digest);
      if (bytes) return { kind: 'bytes', sizeBytes, bytes };
      const opened = await content.open(digest, sizeBytes, (problem) => {
        ports.onDamage({ repository, digest, problem });
      });
      if (typeof opened === 'string') throw damaged(repository, digest, opened);
      return opened;
    },

    async delete(by, repository, digest) {
      if (!config['registry.delete']) throw new OciError('DELETE_DISABLED');
      const done = await catalog.run('deleteBlob', { by, nowMs: ports.clock(), repository, digest });
      switch (done.kind) {
        case 'deleted':
          return;
        case 'absent':
          throw new OciError('BLOB_UNKNOWN', digest);
        case 'referenced':
          throw new OciError('BLOB_REFERENCED', done.manifest);
        default:
          unreachable(done);
      }
    },
  };
}
