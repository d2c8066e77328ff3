import { fieldOf, type Answer } from '../generator/answer.ts';
import type { Body } from '../generator/body.ts';
import { Connection } from '../generator/connection.ts';
import { parseEndpoint } from '../generator/endpoint.ts';

export interface Request {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  /** The one status of success. */
  readonly expect: number;
  readonly fields?: readonly string[];
  readonly body?: Body;
}

/** Asks a server that wants no credentials for one thing after the other. */
export interface Asker {
  /** Throws where the answer has another status than it should. */
  ask(request: Request): Promise<Answer>;
  close(): void;
}

export function createAsker(url: string): Asker {
  const endpoint = parseEndpoint(url);
  let connection: Connection | undefined;

  function headOf({ method, path, fields = [], body }: Request): Buffer {
    const hasLength = body !== undefined || method === 'POST' || method === 'PUT';
    const length = hasLength ? [`Content-Length: ${body?.sizeBytes ?? 0}`] : [];
    const lines = [`${method} ${path} HTTP/1.1`, `Host: ${endpoint.host}`, ...length, ...fields];
    return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`);
  }

  return {
    async ask(request) {
      const { method, path, expect, body } = request;
      if (!connection?.isUsable) connection = await Connection.open(endpoint);
      const answer = await connection.ask(headOf(request), { isHead: method === 'HEAD', body });
      if (answer.status === expect) return answer;
      throw new Error(`${method} ${path}: ${answer.status} where ${expect} was due`);
    },
    close: () => connection?.close(),
  };
}

/** Where an upload goes on. */
export function locationOf(answer: Answer): string {
  const url = URL.parse(fieldOf(answer, 'location') ?? '', 'http://localhost');
  if (!url) throw new Error('an upload was opened without a Location');
  return `${url.pathname}${url.search}`;
}
