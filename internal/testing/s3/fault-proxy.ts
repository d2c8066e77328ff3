import { createServer, request as ask, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { operationOf, parseAsked, type Operation } from './operations.ts';

/**
 * `slow down`, `internal error`: refused with 503 or 500. `reset`: the connection ends before anything is done.
 * `answer lost`: done, and the connection ends before the answer. `error in 200`: not done, and answered as S3 does after
 * a long copy: with status 200 and an error as the body. `cut body`: half of the answer's body comes. `silence`: done,
 * and no answer ever comes.
 */
export const FAULTS = [
  'slow down',
  'internal error',
  'reset',
  'answer lost',
  'error in 200',
  'cut body',
  'silence',
] as const;
/** Somebody else answers, who is no S3: a gateway whose upstream is away, a portal that wants people to sign in. */
export const STRANGERS = ['gateway page', 'login page'] as const;
/** Refusals beside those: they last until somebody does something about them. */
export type Fault = (typeof FAULTS)[number] | (typeof STRANGERS)[number] | keyof typeof REFUSALS;

export interface FaultProxy {
  readonly endpoint: string;
  /** Every call so far, in order. */
  readonly calls: (Operation | undefined)[];
  /** Says what happens to the k-th call from now on, counted from 1. */
  inject(plan: (k: number, operation: Operation | undefined) => Fault | undefined): void;
  close(): Promise<void>;
}

interface Page {
  readonly status: number;
  readonly reason: string;
  /** S3's name of the failure; where there is none, the page is for people. */
  readonly code?: string;
}

const REFUSALS = {
  'access denied': { status: 403, reason: 'Forbidden', code: 'AccessDenied' },
  'unknown key': { status: 403, reason: 'Forbidden', code: 'InvalidAccessKeyId' },
  'wrong secret': { status: 403, reason: 'Forbidden', code: 'SignatureDoesNotMatch' },
  'no bucket': { status: 404, reason: 'Not Found', code: 'NoSuchBucket' },
  'wrong region': { status: 400, reason: 'Bad Request', code: 'AuthorizationHeaderMalformed' },
  'quota exceeded': { status: 403, reason: 'Forbidden', code: 'QuotaExceeded' },
  'clock skewed': { status: 403, reason: 'Forbidden', code: 'RequestTimeTooSkewed' },
  /** As of a server that is no S3 at all. */
  'missing page': { status: 404, reason: 'Not Found' },
} as const satisfies Readonly<Record<string, Page>>;

const PAGES: Readonly<Partial<Record<Fault, Page>>> = {
  'slow down': { status: 503, reason: 'Slow Down', code: 'SlowDown' },
  'internal error': { status: 500, reason: 'Internal Server Error', code: 'InternalError' },
  'error in 200': { status: 200, reason: 'OK', code: 'InternalError' },
  'gateway page': { status: 502, reason: 'Bad Gateway' },
  'login page': { status: 200, reason: 'OK' },
  ...REFUSALS,
};

/** Stands before an S3 server, on some port or the one given, and does what goes wrong on the way there and back. */
export async function startFaultProxy(upstream: string, onPort = 0): Promise<FaultProxy> {
  const calls: (Operation | undefined)[] = [];
  const open = new Set<Socket>();
  let plan: (k: number, operation: Operation | undefined) => Fault | undefined = () => undefined;

  async function forward(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const operation = operationOf(parseAsked(request.method ?? '', request.url ?? '', request.headers));
    calls.push(operation);
    const fault = plan(calls.length, operation);
    const body = await gather(request);
    if (fault === 'reset') return void request.socket.destroy();
    const page = fault && PAGES[fault];
    if (page) {
      const { status, reason, code } = page;
      const text = code
        ? `<Error><Code>${code}</Code><Message>injected</Message></Error>`
        : '<html><p>Hello<br></html>';
      const type = code ? 'application/xml' : 'text/html';
      response.writeHead(status, reason, { 'content-type': type, 'content-length': text.length });
      return void response.end(text);
    }
    const { method, url, headers } = request;
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      ask(new URL(url ?? '', upstream), { method: method ?? '', headers }, resolve)
        .on('error', reject)
        .end(body);
    });
    const answered = await gather(answer);
    if (fault === 'silence') return;
    if (fault === 'answer lost') return void request.socket.destroy();
    response.writeHead(answer.statusCode ?? 500, answer.headers);
    if (fault !== 'cut body') return void response.end(answered);
    response.write(answered.subarray(0, answered.length / 2), () => request.socket.destroy());
  }

  const server = createServer((request, response) => {
    forward(request, response).catch(() => request.socket.destroy());
  });
  server.on('connection', (socket) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(onPort, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    calls,
    inject(next) {
      calls.length = 0;
      plan = next;
    },
    async close() {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function gather(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of message as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}
