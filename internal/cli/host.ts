import type { Program } from './types.ts';
import { createReader, type InputStream } from './reader.ts';
import { createWriter, type Stream } from './writer.ts';

/** The part of a process that a program runs in. */
export interface Host {
  readonly argv: readonly string[];
  readonly stdin: InputStream;
  readonly stdout: Stream;
  readonly stderr: Stream;
  readonly env: Readonly<Record<string, string | undefined>>;
  cwd(): string;
  exitCode?: number | string | null | undefined;
}

/**
 * Runs a program as its process: its exit code is the program's, or 1 where the program says 0 and its result could not
 * be written. `env` where it is not the process's alone.
 */
export async function runAsProcess(program: Program, host: Host, env = host.env): Promise<void> {
  const stderr = createWriter(host.stderr, () => undefined);
  let reader: ReturnType<typeof createReader> | undefined;
  const setExitCode = (code: number): void => void Object.assign(host, { exitCode: code });
  const exitCode = await program.run(host.argv.slice(2), {
    stdout: createWriter(host.stdout, (error) => {
      setExitCode(1);
      stderr.write(`The output could not be written: ${error.message}\n`);
    }),
    stderr,
    get stdin() {
      return (reader ??= createReader(host.stdin, stderr)); // left alone by commands that read nothing
    },
    env,
    cwd: host.cwd(),
  });
  if (exitCode !== 0) setExitCode(exitCode);
}
