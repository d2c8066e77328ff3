import { createHash, timingSafeEqual } from 'node:crypto';
import type { RequestHandler } from 'express';

export interface MetricsPage {
  readonly endpoint: string;
  /** Asked for only where both are set. */
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly expose: () => Promise<{ readonly contentType: string; readonly text: string }>;
}

const hashed = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Whether an Authorization header carries the credentials; takes as long for a wrong one as for a right one. */
function isAllowed({ username, password }: MetricsPage, header: string | undefined): boolean {
  if (!username || !password) return true;
  const [scheme = '', credentials = ''] = (header ?? '').split(' ');
  const expected = hashed(`${username}:${password}`);
  return timingSafeEqual(hashed(Buffer.from(credentials, 'base64').toString()), expected) && /^basic$/i.test(scheme);
}

/** Prometheus text (octoserve contract, section 8). */
export function metricsPage(page: MetricsPage): RequestHandler {
  return (req, res, next) => {
    if (!isAllowed(page, req.headers.authorization)) {
      res.status(401).set('WWW-Authenticate', 'Basic realm="Metrics"').type('text/plain').send('Unauthorized\n');
      return;
    }
    page.expose().then(({ contentType, text }) => res.set('Content-Type', contentType).send(text), next);
  };
}
