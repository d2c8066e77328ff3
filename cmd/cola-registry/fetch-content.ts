import type { UploadBody } from '../../internal/registry/index.ts';

const STALL_MS = 120_000;

/** Brings what is behind a URL, as it is; rejects where it cannot be had. One that brings nothing for long is given up. */
export async function fetchContent(url: string): Promise<UploadBody> {
  const giveUp = new AbortController();
  const timer = setTimeout(() => giveUp.abort(new Error(`nothing came for ${STALL_MS / 1000} s`)), STALL_MS).unref();
  const response = await fetch(url, { headers: { 'accept-encoding': 'identity' }, signal: giveUp.signal });
  if (!response.ok || !response.body) {
    clearTimeout(timer);
    await response.body?.cancel();
    throw new Error(`it answers ${response.status}`);
  }
  const { body } = response;
  async function* read(): AsyncGenerator<Uint8Array, void, void> {
    try {
      for await (const chunk of body) {
        timer.refresh();
        yield chunk;
      }
    } finally {
      clearTimeout(timer);
    }
  }
  const length = response.headers.get('content-length');
  return { stream: read(), expectedBytes: length === null ? undefined : Number(length) };
}
