import { fork } from 'node:child_process';
import { extname, join } from 'node:path';

/** A server of ours that runs as a process of its own. */
export interface Forked {
  readonly url: string;
  readonly pid: number;
  close(): Promise<void>;
}

/** Starts one of the servers beside this file, which tells its port when it listens. */
export function forkServer(name: string, args: readonly string[] = []): Promise<Forked> {
  const program = join(import.meta.dirname, `${name}${extname(import.meta.filename)}`);
  const child = fork(program, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  return new Promise((resolve, reject) => {
    child.once('exit', () => reject(new Error(`the ${name} has ended`)));
    child.once('message', ({ port }: { readonly port: number }) => {
      resolve({
        url: `http://127.0.0.1:${port}`,
        pid: child.pid ?? 0,
        close: () =>
          new Promise((closed) => {
            if (child.exitCode !== null) return closed();
            child.once('exit', () => closed());
            child.disconnect();
          }),
      });
    });
  });
}
