import { spawn } from 'node:child_process';

/** What a script says: all it printed; undefined where it ended with failure. Rejects where it could not be run. */
export type RunScript = (token: string) => Promise<string | undefined>;

const TIMEOUT_MS = 10_000;
const MOST_BYTES = 64 * 1024;

/**
 * Runs a script with a token as its first argument, where other users of the machine may see it, and on its standard
 * input, where they may not. Without a shell; one that takes ten seconds, or prints without end, has failed.
 */
export const createRunScript =
  (script: string, timeoutMs = TIMEOUT_MS): RunScript =>
  async (token) => {
    const child = spawn(script, [token], {
      stdio: ['pipe', 'pipe', 'ignore'],
      timeout: timeoutMs,
      killSignal: 'SIGKILL',
    });
    const ended = new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
    child.stdin.on('error', () => undefined); // it need not read what it has as an argument
    child.stdin.end(`${token}\n`);
    const gathered = gather(child.stdout, () => child.kill('SIGKILL'));
    const [printed, code] = await Promise.all([gathered, ended]);
    return code === 0 ? printed : undefined;
  };

/** All that comes; undefined where that is too much. */
async function gather(stream: AsyncIterable<Buffer>, stop: () => void): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stream) {
    bytes += chunk.length;
    if (bytes > MOST_BYTES) {
      stop();
      return undefined; // leaving the loop closes the stream
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
