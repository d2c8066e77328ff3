import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach } from '@jest/globals';
import type { Io, Reader } from '../../internal/cli/index.ts';
import { openTempFolder, type TempFolder } from '../../internal/testing/temp-folder.ts';
import { createRegctl } from './cola-regctl.ts';

/** What the program under test did. */
export interface Ran {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly env: Io['env'];
  readonly cwd?: string;
  /** Lines that are piped in. */
  readonly stdin?: readonly string[];
}

/** Runs the program as its process would, over the network that there is. */
export async function runRegctl(argv: readonly string[], { env, cwd = '/', stdin }: RunOptions): Promise<Ran> {
  let [stdout, stderr] = ['', ''];
  const lines = [...(stdin ?? [])];
  const next = async (): Promise<string | undefined> => lines.shift();
  const reader: Reader = { isTTY: false, line: next, secret: next };
  const exitCode = await createRegctl().run(argv, {
    stdout: { write: (text) => (stdout += text) },
    stderr: { write: (text) => (stderr += text) },
    stdin: reader,
    env,
    cwd,
  });
  return { exitCode, stdout, stderr };
}

/** A request as the scripted server saw it. */
export interface Seen {
  readonly method: string;
  readonly url: string;
  readonly authorization: string | undefined;
  readonly contentType: string | undefined;
  readonly contentLength: string | undefined;
  readonly body: string;
}

export interface ScriptedAnswer {
  readonly status: number;
  /** Sent as it is; an object as JSON. */
  readonly body?: object | string;
}

/** A server that answers what the test says, and remembers what it was asked. */
export interface Scripted {
  readonly url: string;
  readonly seen: Seen[];
  /** Answers from now on, by `METHOD /path`, its query apart; 404 for anything else. */
  answers: Readonly<Record<string, ScriptedAnswer>>;
  close(): Promise<void>;
}

export async function openScripted(): Promise<Scripted> {
  const seen: Seen[] = [];
  const server = createServer((req, res) => {
    void answer(req, res);
  });
  const answer = async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    const seenNow = seenOf(req, (await buffer(req)).toString());
    seen.push(seenNow);
    const key = `${seenNow.method} ${seenNow.url.split('?')[0] ?? ''}`;
    const { status, body = '' } = scripted.answers[key] ?? {
      status: 404,
      body: { error: { code: 'NOT_FOUND' } },
    };
    res.writeHead(status, { 'content-type': 'application/json' });
    res.end(typeof body === 'string' ? body : JSON.stringify(body));
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const scripted: Scripted = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    answers: {},
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return scripted;
}

function seenOf({ method = '', url = '', headers }: IncomingMessage, body: string): Seen {
  return {
    method,
    url,
    authorization: headers.authorization,
    contentType: headers['content-type'],
    contentLength: headers['content-length'],
    body,
  };
}

/** For each test a scripted server that the program speaks to, and a folder of its own. */
export interface Rig {
  server: Scripted;
  /** Absolute; the program runs in it. */
  folder: string;
  env: Record<string, string>;
  /** Runs a command line, in which what is between double quotes is one word. */
  readonly run: (argv: string, stdin?: readonly string[]) => Promise<Ran>;
}

/** To be called at the top of a file of tests. */
export function useRig(): Rig {
  const rig = {
    run: (argv: string, stdin: readonly string[] = []) =>
      runRegctl(
        [...argv.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? ''),
        { env: rig.env, cwd: rig.folder, stdin },
      ),
  } as Rig; // the rest is there while a test runs
  let temp: TempFolder;
  beforeEach(async () => {
    temp = await openTempFolder('cola-regctl');
    rig.folder = temp.path;
    rig.server = await openScripted();
    rig.env = { COLA_REGISTRY_URL: rig.server.url, COLA_CONFIG_DIR: join(temp.path, 'config') };
  });
  afterEach(async () => {
    await rig.server.close();
    await temp.remove();
  });
  return rig;
}
