import { setTimeout } from 'node:timers/promises';
import { v4 } from 'uuid';
import { printable, type Io } from '../../internal/cli/index.ts';
import { createGc, type Gc } from '../../internal/gc/index.ts';
import type { Stores } from './stores.ts';

/** The collector over the stores of a command, under the same lease as that of a server beside it. */
export function openGc({ config, storage, catalog }: Stores, io: Io): Gc {
  return createGc({
    catalog,
    storage,
    config,
    clock: Date.now,
    ticks: () => performance.now(),
    pause: (ms, signal) => setTimeout(ms, undefined, { signal }),
    newId: v4,
    log: {
      info: () => undefined, // the command tells what came of it
      error: (message, { digest, error } = {}) => {
        if (typeof digest !== 'string') return; // the command tells that too
        const reason = error instanceof Error ? error.message : 'for a reason that was not given';
        io.stderr.write(`warning: ${message}: ${digest}: ${printable(reason)}\n`);
      },
    },
  });
}
