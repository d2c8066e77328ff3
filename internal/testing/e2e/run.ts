import { spawn } from 'node:child_process';
import { buffer, text } from 'node:stream/consumers';

export interface RunOptions {
  readonly cwd?: string;
  /** Added to the environment of this process. */
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: Uint8Array | string;
  readonly timeoutMs?: number;
}

export interface Ran {
  /** The exit code; -1 where a signal ended it. */
  readonly code: number;
  readonly bytes: Buffer;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end, whatever its exit code. */
export async function tryRun(program: string, args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const child = spawn(program, args, {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    timeout: options.timeoutMs ?? 120_000,
    killSignal: 'SIGKILL',
  });
  const code = new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status) => resolve(status ?? -1));
  });
  child.stdin.on('error', () => undefined); // a program need not read what it is given
  child.stdin.end(options.input ?? '');
  const [bytes, stderr, status] = await Promise.all([buffer(child.stdout), text(child.stderr), code]);
  return { code: status, bytes, stdout: bytes.toString(), stderr };
}

/** What a program printed; throws with its output where it fails. */
export async function run(program: string, args: readonly string[], options?: RunOptions): Promise<string> {
  const { code, stdout, stderr } = await tryRun(program, args, options);
  if (code !== 0) throw new Error(`${[program, ...args].join(' ')} ended with ${code}\n${stdout}${stderr}`);
  return stdout;
}
