import { once } from 'node:events';
import { request as requestHttp, STATUS_CODES, type ClientRequest, type IncomingMessage } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { Readable } from 'node:stream';
import { CliError } from '../../internal/cli/index.ts';

/** A body whose length is known. */
export interface Body {
  readonly stream: Readable;
  readonly sizeBytes: number;
}

/** A Foundry server, asked with a token. Throws a CliError with the words of foundry contract, section 7. */
export interface Connection {
  /** The answer with its body to be read; only of statuses that mean success. */
  send(method: string, path: string, body?: Body): Promise<IncomingMessage>;
  /** The answer's JSON. */
  ask(method: string, path: string, body?: Body): Promise<unknown>;
}

const LONGEST_ANSWER = 64 * 1024 * 1024;

/** A name as one segment of a path; `+` may stand as it is. */
export const segment = (name: string): string => encodeURIComponent(name).replaceAll('%2B', '+');

export function createConnection(server: string, token: string): Connection {
  const base = parseServer(server);

  async function send(method: string, path: string, body?: Body): Promise<IncomingMessage> {
    const answer = await exchange(new URL(`${base}/api/v1${path}`), method, token, body).catch((failure: unknown) => {
      throw new CliError(`error: ${causeOf(failure)}`, { cause: failure });
    });
    const { statusCode: status = 0 } = answer;
    if (status >= 200 && status < 300) return answer;
    throw new CliError(`error (${status}): ${messageOf(await readText(answer), status)}`);
  }

  return {
    send,
    async ask(method, path, body) {
      const text = await readText(await send(method, path, body));
      try {
        return JSON.parse(text) as unknown;
      } catch (cause) {
        throw new CliError('error: the answer is no JSON', { cause });
      }
    },
  };
}

function parseServer(text: string): string {
  const trimmed = text.replace(/\/+$/, '');
  if (/^https?:\/\/[^/]/i.test(trimmed) && URL.canParse(trimmed)) return trimmed;
  throw new CliError(`error: --server ${text} is no URL of http or https`);
}

/** Sends the request. An answer that comes before all of the body went is read, and no more is sent. */
function exchange(url: URL, method: string, token: string, body: Body | undefined): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const request = url.protocol === 'https:' ? requestHttps : requestHttp;
    const sent = request(url, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body && { 'content-type': 'application/octet-stream', 'content-length': body.sizeBytes }),
      },
    });
    const answered = new AbortController();
    sent.once('response', (answer) => {
      answered.abort();
      answer.once('close', () => sent.destroy());
      resolve(answer);
    });
    sent.on('error', reject); // once answered, nobody hears of it
    if (!body) sent.end();
    else writeAll(body.stream, sent, answered.signal).catch((failure: unknown) => sent.destroy(failure as Error));
  });
}

/** Writes as fast as the other side takes it, until all is written or the signal says that it is not wanted. */
async function writeAll(stream: Readable, sent: ClientRequest, signal: AbortSignal): Promise<void> {
  for await (const chunk of stream) {
    if (signal.aborted) return;
    if (sent.write(chunk)) continue;
    await once(sent, 'drain', { signal }).catch((failure: unknown) => {
      if (!signal.aborted) throw failure;
    });
  }
  sent.end();
}

async function readText(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > LONGEST_ANSWER) throw new Error('the answer is too long');
      chunks.push(chunk);
    }
  } catch (failure) {
    throw new CliError(`error: ${causeOf(failure)}`, { cause: failure });
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** What the server says of it; else what its status means. */
function messageOf(text: string, status: number): string {
  try {
    const { message } = JSON.parse(text) as { readonly message?: unknown };
    if (typeof message === 'string' && message !== '') return message;
  } catch {
    // not JSON: as it is
  }
  return text.trim() || (STATUS_CODES[status] ?? 'Unknown');
}

/** A connection that was tried on several addresses fails with all their failures, and no words of its own. */
export function causeOf(failure: unknown): string {
  if (failure instanceof AggregateError && failure.message === '') return failure.errors.map(causeOf).join('; ');
  return failure instanceof Error ? failure.message : String(failure);
}
