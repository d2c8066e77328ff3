import { Readable } from 'node:stream';
import type * as Multer from 'multer';
import { OciError } from '../../pkg/oci/index.ts';
import type { Exchange } from './exchange.ts';

/** A form that brings one file. */
export interface FormOptions<Stored> {
  /** The name of the part that is the file. */
  readonly file: string;
  readonly mostFields: number;
  readonly longestField: number;
  /** Takes the file as it comes, wherever among the fields it stands; must read it to its end or throw. */
  readonly store: (stream: AsyncIterable<Uint8Array>) => Promise<Stored>;
}

export interface Form<Stored> {
  readonly fields: ReadonlyMap<string, string>;
  /** Undefined where no part was the file. */
  readonly file: Stored | undefined;
}

export const isForm = (exchange: Exchange): boolean =>
  /^multipart\/form-data\b/i.test(exchange.header('content-type') ?? '');

/** What multer calls wrong; anything else is no fault of the request. */
function refusalOf({ MulterError }: Pick<typeof Multer, 'MulterError'>, failure: unknown): unknown {
  if (failure instanceof MulterError) {
    const isLong = failure.code.startsWith('LIMIT_') && failure.code !== 'LIMIT_UNEXPECTED_FILE';
    return new OciError(isLong ? 'REQUEST_TOO_LARGE' : 'REQUEST_INVALID', failure.message, failure);
  }
  if (failure instanceof OciError || !(failure instanceof Error)) return failure;
  // The parser's own words: `Unexpected end of form`, `Boundary not found`.
  const isParser = /form|boundary|header|multipart/i.test(failure.message);
  return isParser ? new OciError('REQUEST_INVALID', failure.message, failure) : failure;
}

/**
 * Reads a `multipart/form-data` body; nothing of the file is kept in memory or in a file of ours. REQUEST_INVALID,
 * REQUEST_TOO_LARGE, and what `store` throws.
 */
export async function receiveForm<Stored>(exchange: Exchange, options: FormOptions<Stored>): Promise<Form<Stored>> {
  const { file, mostFields, longestField, store } = options;
  const { default: multer } = await import('multer'); // few need it
  let stored: Stored | undefined;
  let failed: { readonly by: unknown } | undefined;
  let reading: Readable | undefined;

  async function keep(stream: Readable, done: (failure?: unknown, info?: object) => void): Promise<void> {
    reading = stream;
    try {
      stored = await store(stream as AsyncIterable<Uint8Array>);
    } catch (failure) {
      failed ??= { by: failure };
      stream.resume(); // the parser goes on only when it was read
      return done(failure);
    }
    return done(null, {});
  }

  const engine: Multer.StorageEngine = {
    _handleFile: (_req, { stream }, done) => void keep(stream, done),
    _removeFile: (_req, _file, done) => done(null),
  };
  const limits = {
    files: 1,
    fields: mostFields,
    parts: mostFields + 1,
    fieldSize: longestField,
    fieldNameSize: 100,
    headerPairs: 20,
  };
  const parse = multer({ storage: engine, limits }).single(file);
  // Its own request, so that the body is read as all bodies are: counted, and asked for with 100 Continue.
  const req = Object.assign(Readable.from(exchange.body(), { objectMode: false }), {
    headers: exchange.req.headers,
    body: {},
  });
  try {
    await new Promise<void>((resolve, reject) => {
      req.once('error', (failure) => {
        failed ??= { by: new OciError('BLOB_UPLOAD_INVALID', 'the body broke off', failure) };
        reading?.destroy(failure); // a pipe tells the next one nothing of it
        reject(failure);
      });
      parse(req as never, {} as never, (failure: unknown) => (failure ? reject(failure) : resolve()));
    });
  } catch (failure) {
    throw refusalOf(multer, failed ? failed.by : failure);
  }
  const fields = Object.entries<unknown>(req.body);
  return {
    fields: new Map(fields.map(([name, value]) => [name, typeof value === 'string' ? value : ''])),
    file: stored,
  };
}
