import { prepareLoad, type LoadResult } from './load.ts';
import type { FromGenerator, ToGenerator } from './messages.ts';

// A process that makes load: forked by pool.ts, ended by the end of its channel.

const tell = (message: FromGenerator): void => void process.send?.(message);
let run: (() => Promise<LoadResult>) | undefined;

async function hear(message: ToGenerator): Promise<void> {
  switch (message.kind) {
    case 'prepare':
      run = await prepareLoad(message.load);
      return tell({ kind: 'ready' });
    case 'go':
      if (!run) throw new Error('told to go before it was ready');
      return tell({ kind: 'done', result: await run() });
    default:
      return message satisfies never;
  }
}

process.on('message', (message: ToGenerator) => {
  hear(message).catch((error: unknown) => {
    tell({ kind: 'failed', message: error instanceof Error ? error.message : String(error) });
  });
});
process.on('disconnect', () => process.exit());
process.on('SIGINT', () => undefined); // a terminal tells the whole group: the parent decides
