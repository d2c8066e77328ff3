import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { crc32 } from 'node:zlib';
import { ANSWERS, failureAnswer, type Answer } from './answers.ts';
import { S3Failure } from './failure.ts';
import { operationOf, parseAsked, type Operation } from './operations.ts';
import { checkSignature, type Account } from './signature.ts';
import { S3Store } from './store.ts';

export interface S3ServerOptions {
  /** As S3 asks for it where it is not given: 5 MiB. */
  readonly leastPartBytes?: number;
  /** As S3 has it where it is not given: 1000. */
  readonly pageSize?: number;
  /** Of the server, in milliseconds since 1970. */
  readonly clock?: () => number;
  /** Calls that this server does not know. */
  readonly unable?: readonly Operation[];
}

export interface S3Server extends Account {
  readonly endpoint: string;
  readonly bucket: string;
  readonly store: S3Store;
  /** Every call that was answered, in order. */
  readonly calls: Operation[];
  /** Every call that this server does not know. */
  readonly refused: Operation[];
  close(): Promise<void>;
}

const ACCOUNT: Account = { accessKeyId: 'test-key', secretAccessKey: 'test-secret', region: 'us-east-1' };
const BUCKET = 'test-bucket';

/** An S3 service with one bucket, in memory, on a port of its own: what the driver needs, as strict as the real one. */
export async function startS3Server(options: S3ServerOptions = {}): Promise<S3Server> {
  const { leastPartBytes = 5 * 1024 * 1024, pageSize = 1000, clock = Date.now, unable = [] } = options;
  const store = new S3Store({ leastPartBytes, pageSize, clock });
  const calls: Operation[] = [];
  const refused: Operation[] = [];

  async function answer(request: IncomingMessage): Promise<Answer> {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    const asked = parseAsked(request.method ?? '', request.url ?? '', request.headers);
    const operation = operationOf(asked);
    checkSignature(request, ACCOUNT, clock());
    checkPayload(request, body);
    if (asked.bucket !== BUCKET) throw new S3Failure('NoSuchBucket');
    if (!operation) throw new S3Failure('NotImplemented');
    (unable.includes(operation) ? refused : calls).push(operation);
    if (unable.includes(operation)) throw new S3Failure('NotImplemented');
    return ANSWERS[operation](store, { ...asked, headers: request.headers, body });
  }

  const server = createServer((request, response) => {
    answer(request).then(
      (found) => write(response, found, clock()),
      (failure: unknown) => write(response, failureAnswer(asS3Failure(failure)), clock()),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    ...ACCOUNT,
    endpoint: `http://127.0.0.1:${port}`,
    bucket: BUCKET,
    store,
    calls,
    refused,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function checkPayload({ headers }: IncomingMessage, body: Buffer): void {
  const sum = headers['x-amz-content-sha256'];
  if (sum !== undefined && sum !== 'UNSIGNED-PAYLOAD' && sum !== createHash('sha256').update(body).digest('hex')) {
    throw new S3Failure('XAmzContentSHA256Mismatch');
  }
  const crc = headers['x-amz-checksum-crc32'];
  if (crc !== undefined && Buffer.from(String(crc), 'base64').readUInt32BE() !== crc32(body)) {
    throw new S3Failure('BadDigest');
  }
}

function asS3Failure(failure: unknown): S3Failure {
  return failure instanceof S3Failure ? failure : new S3Failure('InternalError', String(failure));
}

function write(response: ServerResponse, { status, headers, body = '' }: Answer, nowMs: number): void {
  const isHead = response.req.method === 'HEAD';
  const length = isHead ? {} : { 'content-length': Buffer.byteLength(body) };
  response.writeHead(status, { date: new Date(nowMs).toUTCString(), ...length, ...headers });
  response.end(isHead ? undefined : body);
}
