import { createHash, createHmac } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { S3Failure } from './failure.ts';

export interface Account {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly region: string;
}

interface Signature {
  readonly credential: string;
  readonly signedHeaders: string;
  readonly signature: string;
  readonly date: string;
  readonly payload: string;
  /** Of a presigned URL. */
  readonly expiresSeconds?: number;
}

const SKEW_MS = 15 * 60 * 1000;

/** Checks a request as AWS's fourth signature says: in its headers, or in its URL where it was signed beforehand. */
export function checkSignature(request: IncomingMessage, account: Account, nowMs: number): void {
  const url = new URL(request.url ?? '', 'http://unused');
  const signed = fromHeaders(request) ?? fromQuery(url.searchParams);
  if (!signed) throw new S3Failure('AccessDenied', 'not signed');
  const [accessKeyId, day = '', region = '', ...rest] = signed.credential.split('/');
  if (accessKeyId !== account.accessKeyId) throw new S3Failure('InvalidAccessKeyId');
  if (region !== account.region) throw new S3Failure('AuthorizationHeaderMalformed');
  const timeMs = Date.parse(signed.date.replace(/^(.{4})(..)(..T..)(..)(..Z)$/, '$1-$2-$3:$4:$5'));
  if (signed.expiresSeconds === undefined) {
    if (!(Math.abs(nowMs - timeMs) <= SKEW_MS)) throw new S3Failure('RequestTimeTooSkewed');
  } else if (!(nowMs <= timeMs + signed.expiresSeconds * 1000)) {
    throw new S3Failure('AccessDenied', 'the URL has expired');
  }
  const scope = [day, region, ...rest];
  const text = ['AWS4-HMAC-SHA256', signed.date, scope.join('/'), sha256(canonical(request, url, signed))].join('\n');
  const key = scope.reduce<string | Buffer>((from, part) => hmac(from, part), `AWS4${account.secretAccessKey}`);
  if (hmac(key, text).toString('hex') !== signed.signature) throw new S3Failure('SignatureDoesNotMatch');
}

function fromHeaders({ headers }: IncomingMessage): Signature | undefined {
  const pattern = /^AWS4-HMAC-SHA256 Credential=([^,]+), ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]+)$/;
  const [, credential, signedHeaders, signature] = pattern.exec(headers.authorization ?? '') ?? [];
  if (!credential || !signedHeaders || !signature) return undefined;
  const text = (name: string): string => String(headers[name] ?? '');
  return { credential, signedHeaders, signature, date: text('x-amz-date'), payload: text('x-amz-content-sha256') };
}

function fromQuery(query: URLSearchParams): Signature | undefined {
  const text = (name: string): string => query.get(`X-Amz-${name}`) ?? '';
  if (!text('Signature')) return undefined;
  return {
    credential: text('Credential'),
    signedHeaders: text('SignedHeaders'),
    signature: text('Signature'),
    date: text('Date'),
    payload: 'UNSIGNED-PAYLOAD',
    expiresSeconds: Number(text('Expires')),
  };
}

function canonical(request: IncomingMessage, url: URL, { signedHeaders, payload }: Signature): string {
  const query = [...url.searchParams]
    .filter(([name]) => name !== 'X-Amz-Signature')
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .toSorted();
  const headers = signedHeaders.split(';').map((name) => `${name}:${String(request.headers[name] ?? '').trim()}\n`);
  const path = url.pathname.split('/').map((part) => encode(decodeURIComponent(part)));
  return [request.method, path.join('/'), query.join('&'), headers.join(''), signedHeaders, payload].join('\n');
}

function encode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (each) => `%${each.charCodeAt(0).toString(16).toUpperCase()}`);
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();
