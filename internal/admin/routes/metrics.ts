import { createHash, timingSafeEqual } from 'node:crypto';
import { defineRoute, type AdminRoute } from '../route.ts';

export interface MetricsPage {
  readonly endpoint: string;
  /** Asked for only where both are set; then nothing else is. */
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

/** Prometheus text (octoserve contract, section 8). Without credentials of its own it is for administrators. */
export function metricsRoute(page: MetricsPage): AdminRoute {
  return defineRoute({
    method: 'GET',
    path: page.endpoint,
    visibility: page.username && page.password ? 'open' : 'admin',
    isProbe: true,
    summary: 'What has been counted, for Prometheus',
    answers: {
      200: { description: 'Prometheus text', type: 'text/plain' },
      401: { description: 'The credentials of the metrics are asked for', type: 'text/plain' },
    },
    handle: async (_asked, exchange) => {
      if (!isAllowed(page, exchange.header('authorization'))) {
        const challenge = { 'www-authenticate': 'Basic realm="Metrics"', 'content-type': 'text/plain; charset=utf-8' };
        return exchange.respond(401, challenge, 'Unauthorized\n');
      }
      const { contentType, text } = await page.expose();
      return exchange.respond(200, { 'content-type': contentType }, text);
    },
  });
}
