import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createHash } from 'node:crypto';
import type { AddressInfo } from 'node:net';

/** What the simulated GitHub knows of the person at the keyboard. */
export interface GitHubPerson {
  id: number;
  login: string;
  name: string | null;
  emails: readonly { readonly email: string; readonly primary: boolean; readonly verified: boolean }[];
  organizations: readonly string[];
  /** As `organization/team`. */
  teams: readonly string[];
}

/**
 * GitHub as its documentation describes it, simulated: OAuth with PKCE, and the four paths of its API that a login asks.
 * An Enterprise Server has the same under one host.
 */
export interface SimulatedGitHub {
  readonly url: string;
  person: GitHubPerson;
  /** Each request, as `path authorization user-agent`. */
  readonly asked: string[];
  close(): Promise<void>;
}

const TOKEN = 'gho_a-token-of-the-simulated-github';

export async function openSimulatedGitHub(clientId: string, clientSecret: string): Promise<SimulatedGitHub> {
  const codes = new Map<string, { readonly challenge: string | null; readonly redirectUri: string | null }>();
  const server = createServer((req, res) => void answer(req, res));
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const own: SimulatedGitHub = {
    url,
    person: { id: 1, login: 'octocat', name: null, emails: [], organizations: [], teams: [] },
    asked: [],
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };

  async function answer(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(req.url ?? '/', url);
    own.asked.push(`${pathname} ${req.headers.authorization ?? '-'} ${req.headers['user-agent'] ?? '-'}`);
    const json = (status: number, value: unknown): void =>
      void res.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(value));
    if (pathname === '/login/oauth/authorize') {
      const code = `code-${codes.size + 1}`;
      codes.set(code, { challenge: searchParams.get('code_challenge'), redirectUri: searchParams.get('redirect_uri') });
      const back = new URL(searchParams.get('redirect_uri') ?? url);
      back.search = new URLSearchParams({ code, state: searchParams.get('state') ?? '' }).toString();
      res.writeHead(302, { location: back.href }).end();
    } else if (pathname === '/login/oauth/access_token') {
      const form = new URLSearchParams(await bodyOf(req));
      const code = codes.get(form.get('code') ?? '');
      codes.delete(form.get('code') ?? '');
      const challenge = createHash('sha256')
        .update(form.get('code_verifier') ?? '')
        .digest('base64url');
      const isRight =
        code?.challenge === challenge &&
        code.redirectUri === form.get('redirect_uri') &&
        form.get('client_id') === clientId &&
        form.get('client_secret') === clientSecret;
      // As GitHub does: with 200, whatever went wrong.
      const wrong = { error: 'bad_verification_code', error_description: 'The code passed is incorrect or expired.' };
      json(200, isRight ? { access_token: TOKEN, scope: 'read:org,user:email', token_type: 'bearer' } : wrong);
    } else if (req.headers.authorization !== `Bearer ${TOKEN}`) json(401, { message: 'Bad credentials' });
    else json(200, apiAnswer(pathname, searchParams, own.person));
  }
  return own;
}

function apiAnswer(path: string, query: URLSearchParams, person: GitHubPerson): unknown {
  const page = <Entry>(entries: readonly Entry[]): readonly Entry[] => {
    const [size, number] = [Number(query.get('per_page') ?? 30), Number(query.get('page') ?? 1)];
    return entries.slice(size * (number - 1), size * number);
  };
  switch (path) {
    case '/user':
      return { id: person.id, login: person.login, name: person.name, avatar_url: `https://avatars.test/${person.id}` };
    case '/user/emails':
      return page(person.emails);
    case '/user/orgs':
      return page(person.organizations.map((login) => ({ login })));
    case '/user/teams':
      return page(
        person.teams.map((team) => {
          const [login, slug] = team.split('/');
          return { slug, organization: { login } };
        }),
      );
    default:
      return { message: 'Not Found' };
  }
}

async function bodyOf(req: IncomingMessage): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of req) chunks.push(chunk as Uint8Array);
  return Buffer.concat(chunks).toString();
}
