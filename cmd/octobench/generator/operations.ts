import { unreachable } from '../../../pkg/oci/index.ts';
import type { Work, WorkOf } from '../workloads/types.ts';
import type { Connection } from './connection.ts';
import { mountOperation, pushOperation, tagOperation, uploadOperation } from './pushes.ts';
import type { Call, Site } from './site.ts';

/** One unit of work: what is counted, and timed from its first byte to the end of its last answer. */
export type Operation = (connection: Connection) => Promise<void>;

export interface OperationDeps {
  readonly site: Site;
  /** At least 0, below 1. */
  readonly random: () => number;
  /** A text that is part of what this generator names, and of nothing that another does. */
  readonly label: string;
  /** Told of each image that was pushed and acknowledged. */
  readonly onPushed: (tag: string) => void;
}

/** What makes the operations of some work; each call does the next one. */
export function createOperation(work: Work, deps: OperationDeps): Operation {
  switch (work.kind) {
    case 'read':
      return readOperation(work, deps);
    case 'pull':
      return pullOperation(work, deps);
    case 'upload':
      return uploadOperation(work, deps);
    case 'push':
      return pushOperation(work, deps);
    case 'tag':
      return tagOperation(work, deps);
    case 'mount':
      return mountOperation(work, deps);
    case 'mix':
      return mixOperation(work, deps);
    default:
      return unreachable(work);
  }
}

/** One of several at random. */
function picker<T>(items: readonly T[], random: () => number): () => T {
  if (items.length === 0) throw new RangeError('there is nothing to choose from');
  return () => items[Math.floor(random() * items.length)] as T;
}

const pullScope = (repository: string): string => `repository:${repository}:pull`;

function readOperation({ reads }: WorkOf<'read'>, { site, random }: OperationDeps): Operation {
  const calls = reads.map(({ method, path, repository, accept }): Call => {
    const scopes = repository === undefined ? [] : [pullScope(repository)];
    return { method, path, scopes, expect: [200], ...(accept !== undefined && { fields: [`Accept: ${accept}`] }) };
  });
  const pick = picker(calls, random);
  return async (connection) => {
    await site.send(connection, pick());
  };
}

function pullOperation({ images }: WorkOf<'pull'>, { site, random }: OperationDeps): Operation {
  const pulls = images.map(({ repository, tag, blobs }) =>
    [`manifests/${tag}`, ...blobs.map((digest) => `blobs/${digest}`)].map((rest): Call => ({
      method: 'GET',
      path: `/v2/${repository}/${rest}`,
      scopes: [pullScope(repository)],
      expect: [200],
      fields: ['Accept: */*'],
    })),
  );
  const pick = picker(pulls, random);
  return async (connection) => {
    for (const call of pick()) await site.send(connection, call);
  };
}

function mixOperation({ parts }: WorkOf<'mix'>, deps: OperationDeps): Operation {
  const sum = parts.reduce((all, { share }) => all + share, 0);
  const operations = parts.map(({ share, work }) => ({ share: share / sum, run: createOperation(work, deps) }));
  return (connection) => {
    let left = deps.random();
    const chosen = operations.find(({ share }) => (left -= share) < 0) ?? operations.at(-1);
    if (!chosen) throw new RangeError('a mix has parts');
    return chosen.run(connection);
  };
}
