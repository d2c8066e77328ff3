import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { CatalogError, type CommandArgs, type CommandName, type CommandResult } from '../types.ts';
import { toCatalogError } from './failures.ts';
import type { Executor } from './executor.ts';
import type { Farewell, Reply, Request, WriterData } from './messages.ts';

/** A request before it has its number. */
type Unnumbered = Request extends infer Each ? (Each extends Request ? Omit<Each, 'id'> : never) : never;

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: CatalogError) => void;
}

/** One life of the writer thread. */
interface Life {
  send(request: Unnumbered): Promise<unknown>;
}

/**
 * Starts the thread that runs this process's commands, and resolves when it has opened the file. A thread that ends
 * unexpectedly fails whatever waits for it (a command may have been committed all the same, as when an answer is lost);
 * the next request starts another. While nothing waits, the thread does not keep the process alive.
 */
export async function startWriter(data: WriterData): Promise<Executor> {
  let life: Life | undefined;
  let closed = false;

  function send(request: Unnumbered): Promise<unknown> {
    if (closed) return Promise.reject(new CatalogError('broken', 'the catalog is closed'));
    life ??= beginLife(data, () => (life = undefined));
    return life.send(request);
  }

  await send({ kind: 'check' });
  return {
    run: async <Name extends CommandName>(name: Name, args: CommandArgs<Name>) =>
      (await send({ kind: 'command', name, args })) as CommandResult<Name>,
    check: async () => void (await send({ kind: 'check' })),
    close: async () => {
      if (closed) return;
      const last = life?.send({ kind: 'close' });
      closed = true;
      await last;
    },
  };
}

function beginLife(data: WriterData, onEnd: () => void): Life {
  // Flags of this process (--input-type, a debugger's) are not meant for the thread.
  const worker = new Worker(WRITER_FILE, {
    workerData: data,
    name: 'catalog writer',
    execArgv: [],
    resourceLimits: { maxYoungGenerationSizeMb: 8 }, // what a command makes is soon gone
  });
  const waiting = new Map<number, Waiting>();
  let lastId = 0;
  let ended = false;

  function end(error: CatalogError): void {
    if (ended) return;
    ended = true;
    onEnd();
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  }

  function settle(reply: Reply): void {
    const caller = waiting.get(reply.id);
    waiting.delete(reply.id);
    if (reply.kind === 'done') caller?.resolve(reply.value);
    else caller?.reject(new CatalogError(reply.failure, reply.message));
  }

  worker.unref();
  worker.on('message', (message: readonly Reply[] | Farewell) => {
    if ('kind' in message) return end(new CatalogError(message.failure, message.message));
    message.forEach(settle);
    if (waiting.size === 0) worker.unref();
  });
  worker.on('error', (error) => end(toCatalogError(error)));
  worker.on('exit', () => end(new CatalogError('broken', 'the writer thread of the catalog ended')));

  return {
    send: (request) =>
      new Promise((resolve, reject) => {
        const id = ++lastId;
        worker.postMessage({ ...request, id } satisfies Request);
        if (waiting.size === 0) worker.ref();
        waiting.set(id, { resolve, reject });
      }),
  };
}

/** `.ts` when run from the sources, `.js` when built: the name inside a URL is not rewritten by the compiler. */
const WRITER_FILE = new URL(`./writer${extname(import.meta.filename)}`, import.meta.url);
