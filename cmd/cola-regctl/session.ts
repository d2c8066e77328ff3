import type { Io } from '../../internal/cli/index.ts';
import { openCredentials } from './credentials.ts';
import { invalid } from './exit-codes.ts';

/** Where requests go, and what says who sends them. */
export interface Session {
  /** Without a slash at its end. */
  readonly url: string;
  readonly token: string | undefined;
}

/** What a command line says of both. */
export interface Asked {
  readonly url?: string | undefined;
  readonly token?: string | undefined;
}

/** Flag, then environment, then what was stored. A stored token goes to the server that it was stored for, and no other. */
export async function findSession(asked: Asked, env: Io['env']): Promise<Session> {
  const { server } = await openCredentials(env).then((store) => store.load());
  const url = findUrl(asked.url, env) ?? (server && parseUrl(server.url));
  if (url === undefined) {
    throw invalid('no registry URL', 'Give --url, set COLA_REGISTRY_URL, or run `cola-regctl login <url>`.');
  }
  const stored = server && parseUrl(server.url) === url ? server.token : undefined;
  return { url, token: asked.token ?? tokenOf(env) ?? stored };
}

/** The URL of the flag or the environment. */
export function findUrl(asked: string | undefined, env: Io['env']): string | undefined {
  const url = asked ?? env['COLA_REGISTRY_URL'];
  return url ? parseUrl(url) : undefined;
}

function tokenOf(env: Io['env']): string | undefined {
  const token = env['COLA_REGISTRY_TOKEN'] || env['COLA_REGISTRY_SESSION_TOKEN'];
  if (token) return token;
  const { COLA_REGISTRY_USER: user, COLA_REGISTRY_PASSWORD: password } = env;
  return user && password ? `${user}:${password}` : undefined;
}

export function parseUrl(text: string): string {
  const trimmed = text.trim().replace(/\/+$/, '');
  const url = URL.parse(trimmed);
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') {
    throw invalid(`${text} is no URL of a registry`, 'It looks like http://localhost:8080.');
  }
  if (url.username !== '' || url.password !== '') {
    throw invalid('the URL of a registry holds no user and password', 'Give them to `cola-regctl login`, or --token.');
  }
  return trimmed;
}
