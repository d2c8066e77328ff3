import type { RepositoryName, UploadId } from '../../../pkg/oci/index.ts';
import { at, digest, freshRepository, freshUploadId, putBlob, SIZE } from '../fixtures.suite.ts';
import type { Catalog } from '../types.ts';
import { call, type Call, type Races } from './race.suite.ts';

const about = (repository: RepositoryName, what: string) => ({ ...at(), repository, digest: digest(what) });

async function session(catalog: Catalog, repository: RepositoryName, principal = 'alice'): Promise<UploadId> {
  const id = freshUploadId();
  const limits = { limitEach: 10_000, limitAll: 10_000 };
  await catalog.run('createUpload', { ...at(1000, principal), id, repository, algorithm: 'sha256', ...limits });
  return id;
}

const claim = (repository: RepositoryName, id: UploadId): Call =>
  call('claimUpload', { ...at(2000), id, repository, untilMs: 3000 });

/** Uploads, their sessions and leases that meet. */
export const UPLOAD_RACES: Races = {
  'two uploads of one blob': async () => {
    const repository = freshRepository();
    const finish = call('finishUpload', { ...about(repository, `new in ${repository}`), sizeBytes: SIZE });
    return { repository, calls: [finish, finish], allowed: [['finished', 'finished']] };
  },
  'one session that is finished twice': async (catalog) => {
    const repository = freshRepository();
    const id = await session(catalog, repository);
    await catalog.run('claimUpload', { ...at(2000), id, repository, untilMs: 3000 });
    const finish = call('finishUpload', { ...about(repository, 'x'), session: { id, epoch: 1 }, sizeBytes: SIZE });
    return {
      repository,
      calls: [finish, finish],
      allowed: [
        ['finished', 'lost'],
        ['lost', 'finished'],
      ],
    };
  },
  'a session that is finished, and cancelled': async (catalog) => {
    const repository = freshRepository();
    const id = await session(catalog, repository);
    await catalog.run('claimUpload', { ...at(2000), id, repository, untilMs: 3000 });
    return {
      repository,
      calls: [
        call('finishUpload', { ...about(repository, 'x'), session: { id, epoch: 1 }, sizeBytes: SIZE }),
        call('cancelUpload', { ...at(), id, repository }),
      ],
      allowed: [
        ['finished', 'unknown'],
        ['lost', 'cancelled'],
      ],
    };
  },
  'an upload of a blob, and its delete': async (catalog) => {
    const repository = freshRepository();
    await putBlob(catalog, repository, 'blob');
    return {
      repository,
      calls: [
        call('finishUpload', { ...about(repository, 'blob'), sizeBytes: SIZE }),
        call('deleteBlob', about(repository, 'blob')),
      ],
      allowed: [['finished', 'deleted']],
    };
  },
  'a mount, and the delete of the blob at its source': async (catalog) => {
    const [from, repository] = [freshRepository(), freshRepository()];
    await putBlob(catalog, from, 'blob');
    return {
      repository,
      calls: [
        call('mountBlob', { ...at(), repository, from, digest: digest('blob') }),
        call('deleteBlob', about(from, 'blob')),
      ],
      allowed: [
        ['mounted', 'deleted'],
        ['absent', 'deleted'],
      ],
    };
  },
  'two sessions where one more is allowed': async (catalog) => {
    const repository = freshRepository();
    const principal = `user of ${repository}`;
    await session(catalog, repository, principal);
    const create = (): Call =>
      call('createUpload', {
        ...at(1000, principal),
        id: freshUploadId(),
        repository,
        algorithm: 'sha256',
        limitEach: 2,
        limitAll: 10_000,
      });
    return {
      repository,
      calls: [create(), create()],
      allowed: [
        ['created', 'tooMany'],
        ['tooMany', 'created'],
      ],
    };
  },
  'two claims of one session': async (catalog) => {
    const repository = freshRepository();
    const id = await session(catalog, repository);
    return {
      repository,
      calls: [claim(repository, id), claim(repository, id)],
      allowed: [
        ['claimed at 0', 'refused at 0'],
        ['refused at 0', 'claimed at 0'],
      ],
    };
  },
  'a claim that ran out and is taken over, and its last word': async (catalog) => {
    const repository = freshRepository();
    const id = await session(catalog, repository);
    await catalog.run('claimUpload', { ...at(1000), id, repository, untilMs: 1500 });
    const position = { offsetBytes: 7, digest: undefined, state: undefined };
    return {
      repository,
      calls: [claim(repository, id), call('advanceUpload', { id, epoch: 1, nowMs: 1400, ...position })],
      allowed: [
        ['claimed at 7', true],
        ['claimed at 0', false],
      ],
    };
  },
  'a claim of an idle session, and its expiry': async (catalog) => {
    const repository = freshRepository();
    const id = await session(catalog, repository);
    // Of the sessions of other races none is as old.
    await catalog.run('claimUpload', { ...at(1), id, repository, untilMs: 2 });
    return {
      repository,
      calls: [claim(repository, id), call('expireUploads', { beforeMs: 2, nowMs: 2000, limit: 10 })],
      allowed: [
        ['claimed at 0', 0],
        ['unknown', 1],
      ],
    };
  },
  'one lease that two ask for': async () => {
    const repository = freshRepository();
    const take = (holder: string): Call => call('takeLease', { name: repository, holder, nowMs: 1, untilMs: 2 });
    return {
      repository,
      calls: [take('one'), take('two')],
      allowed: [
        [true, false],
        [false, true],
      ],
    };
  },
};
