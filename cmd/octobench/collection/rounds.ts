import { findFreePort, startProgram, type Peer } from '../peers/program.ts';
import type { Pullable } from './fill.ts';
import { lastCollection, measureRound, type Round } from './measure.ts';

export interface RoundsOptions {
  /** What Node is given to run our server. */
  readonly args: readonly string[];
  readonly folder: string;
  /** The variables by which the server finds its stores, which are filled. */
  readonly env: Readonly<Record<string, string>>;
  readonly pullable: readonly Pullable[];
  readonly seconds: number;
  /** After so many the rest of the garbage stays. */
  readonly mostRounds: number;
  readonly connections: number;
  /** 0: as many as it can. */
  readonly deletesPerSecond: number;
  readonly onStep: (text: string) => void;
}

export interface Figures {
  readonly rounds: readonly Round[];
  readonly deletedBlobs: number;
}

/**
 * Rounds until all that is garbage was collected, or so many, each in a life of the server of its own: what else loads the machine
 * falls on both halves of a round, and each collection goes on where the one before was broken off.
 */
export async function measureRounds(options: RoundsOptions): Promise<Figures> {
  const { pullable, mostRounds, onStep } = options;
  const rounds: Round[] = [];
  let deletedBlobs = 0;
  while (rounds.length < mostRounds && rounds.at(-1)?.isLast !== true) {
    onStep(`measuring: round ${rounds.length + 1}, ${deletedBlobs} blobs collected`);
    const peer = await startServer(options);
    try {
      if (rounds.length > 0) deletedBlobs += await countLast(peer); // of the round that ended with its server
      rounds.push(await measureRound(peer, pullable, options));
      if (rounds.at(-1)?.isLast) deletedBlobs += await countLast(peer);
    } finally {
      await peer.close();
    }
  }
  if (rounds.at(-1)?.isLast) return { rounds, deletedBlobs };
  const peer = await startServer(options);
  try {
    return { rounds, deletedBlobs: deletedBlobs + (await countLast(peer)) };
  } finally {
    await peer.close();
  }
}

async function startServer({ args, folder, env, deletesPerSecond }: RoundsOptions): Promise<Peer> {
  const port = await findFreePort();
  return startProgram({
    command: process.execPath,
    args,
    env: {
      ...env,
      OCTOSERVE_SERVER_PORT: String(port),
      OCTOSERVE_LOG_REQUESTS: 'false',
      OCTOSERVE_GC_INTERVAL: '0',
      OCTOSERVE_GC_MAX_DELETES_PER_SECOND: String(deletesPerSecond),
    },
    folder,
    url: `http://127.0.0.1:${port}`,
  });
}

const countLast = async (peer: Peer): Promise<number> => (await lastCollection(peer))?.metrics.blobs_deleted ?? 0;
