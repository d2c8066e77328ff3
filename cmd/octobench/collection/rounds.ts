import { findFreePort, startProgram } from '../peers/program.ts';
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
 * Rounds until all that is garbage was collected, each in a life of the server of its own: what else loads the machine
 * falls on both halves of a round, and each collection goes on where the one before was broken off.
 */
export async function measureRounds(options: RoundsOptions): Promise<Figures> {
  const { args, folder, env, pullable, deletesPerSecond, onStep } = options;
  const rounds: Round[] = [];
  let deletedBlobs = 0;
  while (rounds.at(-1)?.isLast !== true) {
    onStep(`measuring: round ${rounds.length + 1}, ${deletedBlobs} blobs collected`);
    const port = await findFreePort();
    const peer = await startProgram({
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
    const countLast = async (): Promise<number> => (await lastCollection(peer))?.metrics.blobs_deleted ?? 0;
    try {
      if (rounds.length > 0) deletedBlobs += await countLast(); // of the round that ended with its server
      const round = await measureRound(peer, pullable, options);
      rounds.push(round);
      if (round.isLast) deletedBlobs += await countLast();
    } finally {
      await peer.close();
    }
  }
  return { rounds, deletedBlobs };
}
