import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, importJWK, SignJWT, type JWK, type JWTPayload } from 'jose';
import { jest } from '@jest/globals';
import type { Configuration, Provider } from 'oidc-provider';

/** What the provider says of somebody, besides `sub`. */
export type Account = Readonly<Record<string, unknown>>;

export interface OidcServerOptions {
  /** Where clients may be sent back to. */
  readonly redirectUris: readonly string[];
  readonly clientId?: string;
  readonly clientSecret?: string;
}

/** A real OpenID Connect provider (`oidc-provider`) in this process, with people and keys as a test wants them. */
export interface OidcServer {
  readonly issuer: string;
  /** Who is at the keyboard. */
  person: string;
  /** By subject. */
  readonly accounts: Map<string, Account>;
  /** How often each path was asked for. */
  readonly asked: Map<string, number>;
  /** Changes what the token endpoint answers. */
  tamper: ((answer: Record<string, unknown>) => Promise<Record<string, unknown>>) | undefined;
  /** A token of this issuer, signed with its newest key; `header` in addition to what belongs there. */
  sign(claims: JWTPayload, header?: Readonly<Record<string, unknown>>): Promise<string>;
  /** Signs with a new key from now on, and publishes it beside the old one. */
  rotate(): Promise<void>;
  /** Goes away, and comes back at the same address. */
  stop(): Promise<void>;
  start(): Promise<void>;
  close(): Promise<void>;
}

export const CLIENT_ID = 'octoserve';
export const CLIENT_SECRET = 'the secret of the client';

export async function openOidcServer(options: OidcServerOptions): Promise<OidcServer> {
  const { redirectUris, clientId = CLIENT_ID, clientSecret = CLIENT_SECRET } = options;
  const oidc = await quietly(() => import('oidc-provider'));
  const keys: JWK[] = [];
  const accounts = new Map<string, Account>();
  const asked = new Map<string, number>();
  const server: Server = createServer((req, res) => void answer(req, res));
  await listen(server, 0);
  const { port } = server.address() as AddressInfo;
  const issuer = `http://127.0.0.1:${port}`;
  let callback: (req: IncomingMessage, res: ServerResponse) => Promise<void>;
  let isOpen = true;

  async function addKey(): Promise<void> {
    const { privateKey } = await generateKeyPair('RS256', { extractable: true });
    keys.unshift({ ...(await exportJWK(privateKey)), kid: `key-${keys.length + 1}`, alg: 'RS256', use: 'sig' });
    const provider = await quietly(async () => createProvider());
    callback = provider.callback();
    finish = (req, res) => provider.interactionFinished(req, res, { login: { accountId: own.person } });
  }
  let finish: (req: IncomingMessage, res: ServerResponse) => Promise<void>;

  function createProvider(): Provider {
    const configuration: Configuration = {
      clients: [
        {
          client_id: clientId,
          client_secret: clientSecret,
          redirect_uris: [...redirectUris],
          token_endpoint_auth_method: 'client_secret_basic',
        },
      ],
      jwks: { keys: [...keys] as never },
      cookies: { keys: ['a key for cookies of tests'] },
      claims: {
        openid: ['sub', 'oid', 'tid', 'hd', 'groups', 'roles'],
        profile: ['name', 'preferred_username', 'picture'],
        email: ['email', 'email_verified'],
      },
      conformIdTokenClaims: false,
      features: { devInteractions: { enabled: false } },
      findAccount: (_ctx, sub) => ({ accountId: sub, claims: () => ({ ...accounts.get(sub), sub }) }),
      interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
      // Nobody is asked whether the client may know them.
      loadExistingGrant: async (ctx) => {
        const { Grant } = ctx.oidc.provider;
        const grant = new Grant({ accountId: ctx.oidc.session?.accountId as string, clientId });
        grant.addOIDCScope('openid profile email');
        await grant.save();
        return grant;
      },
      expiresWithSession: async () => false,
      pkce: { required: () => true },
      ttl: { Interaction: 600, Grant: 600, Session: 600, AccessToken: 600, IdToken: 600 },
    };
    const provider = new oidc.Provider(issuer, configuration);
    provider.use(async (ctx, next) => {
      await next();
      if (ctx.path === '/token' && own.tamper) ctx.body = await own.tamper(ctx.body as Record<string, unknown>);
    });
    return provider;
  }

  async function answer(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const path = new URL(req.url ?? '/', issuer).pathname;
    asked.set(path, (asked.get(path) ?? 0) + 1);
    await (path.startsWith('/interaction/') ? finish(req, res) : callback(req, res));
  }

  const own: OidcServer = {
    issuer,
    person: 'nobody',
    accounts,
    asked,
    tamper: undefined,
    async sign(claims, header = {}) {
      const [key] = keys;
      if (!key?.kid) throw new Error('the provider has a key');
      return new SignJWT({ iss: issuer, ...claims })
        .setProtectedHeader({ alg: 'RS256', kid: key.kid, ...header })
        .sign(await importJWK(key, 'RS256'));
    },
    rotate: addKey,
    async stop() {
      isOpen = false;
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
    async start() {
      await listen(server, port);
      isOpen = true;
    },
    async close() {
      if (isOpen) await own.stop();
    },
  };
  await addKey();
  return own;
}

async function listen(server: Server, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
}

/** Its advice to whoever runs it for real is no news in tests. */
async function quietly<Value>(work: () => Promise<Value>): Promise<Value> {
  const spies = (['info', 'warn'] as const).map((level) =>
    jest.spyOn(console, level).mockImplementation(() => undefined),
  );
  try {
    return await work();
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}
