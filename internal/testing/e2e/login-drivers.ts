import { join } from 'node:path';
import type { ClientName } from './client-table.ts';

/** What a client runs where to log in, push, pull and log out. */
export interface Session {
  readonly host: string;
  /** A folder of its own, with `image.tar` (as docker saves one) and `tool.txt`. */
  readonly folder: string;
}

export interface Driver {
  readonly login: (session: Session, user: string, password: string) => readonly string[];
  readonly push: (session: Session, name: string) => readonly string[];
  readonly pull: (session: Session, name: string) => readonly string[];
  readonly logout: (session: Session) => readonly string[];
  readonly env?: (session: Session) => Readonly<Record<string, string>>;
  /** Where it keeps what it logged in with. */
  readonly kept: string;
  /** Whether it asks the server at once whether the password is right. */
  readonly tries: boolean;
}

const DOCKER_CONFIG = ({ folder }: Session) => ({ DOCKER_CONFIG: join(folder, 'docker') });
const PLAIN = (host: string): readonly string[] => ['--host', `reg=${host},tls=disabled`];
const NO_TLS = '--tls-verify=false';
export const podmanStores = ({ folder }: Session): readonly string[] => [
  '--root',
  join(folder, 'root'),
  '--runroot',
  join(folder, 'run'),
  '--storage-driver',
  'vfs',
];

/** The clients that log in with a name and a password, each in its own words. */
export const DRIVERS = {
  crane: {
    login: ({ host }, user, password) => ['auth', 'login', host, '--username', user, '--password', password],
    push: ({ host, folder }, name) => ['push', join(folder, 'image.tar'), `${host}/${name}`],
    pull: ({ host, folder }, name) => ['pull', `${host}/${name}`, join(folder, 'pulled.tar')],
    logout: ({ host }) => ['auth', 'logout', host],
    env: DOCKER_CONFIG,
    kept: 'docker/config.json',
    tries: false,
  },
  oras: {
    login: ({ host, folder }, user, password) => [
      'login',
      '--plain-http',
      host,
      '--username',
      user,
      '--password',
      password,
      '--registry-config',
      join(folder, 'oras.json'),
    ],
    push: ({ host, folder }, name) => [
      'push',
      '--plain-http',
      `${host}/${name}`,
      'tool.txt',
      '--registry-config',
      join(folder, 'oras.json'),
    ],
    pull: ({ host, folder }, name) => [
      'pull',
      '--plain-http',
      `${host}/${name}`,
      '--output',
      'pulled',
      '--registry-config',
      join(folder, 'oras.json'),
    ],
    logout: ({ host, folder }) => ['logout', host, '--registry-config', join(folder, 'oras.json')],
    kept: 'oras.json',
    tries: true,
  },
  skopeo: {
    login: ({ host, folder }, user, password) => [
      'login',
      NO_TLS,
      '--authfile',
      join(folder, 'auth.json'),
      '--username',
      user,
      '--password',
      password,
      host,
    ],
    push: ({ host, folder }, name) => [
      '--insecure-policy',
      'copy',
      '--dest-tls-verify=false',
      '--authfile',
      join(folder, 'auth.json'),
      `docker-archive:${join(folder, 'image.tar')}`,
      `docker://${host}/${name}`,
    ],
    pull: ({ host, folder }, name) => [
      '--insecure-policy',
      'inspect',
      NO_TLS,
      '--authfile',
      join(folder, 'auth.json'),
      `docker://${host}/${name}`,
    ],
    logout: ({ host, folder }) => ['logout', '--authfile', join(folder, 'auth.json'), host],
    kept: 'auth.json',
    tries: true,
  },
  podman: {
    login: (session, user, password) => [
      ...podmanStores(session),
      'login',
      NO_TLS,
      '--authfile',
      join(session.folder, 'auth.json'),
      '--username',
      user,
      '--password',
      password,
      session.host,
    ],
    push: (session, name) => [
      ...podmanStores(session),
      'push',
      NO_TLS,
      '--authfile',
      join(session.folder, 'auth.json'),
      'localhost/local/app:1',
      `${session.host}/${name}`,
    ],
    pull: (session, name) => [
      ...podmanStores(session),
      'pull',
      '--quiet',
      NO_TLS,
      '--authfile',
      join(session.folder, 'auth.json'),
      `${session.host}/${name}`,
    ],
    logout: ({ host, folder }) => ['logout', '--authfile', join(folder, 'auth.json'), host],
    kept: 'auth.json',
    tries: true,
  },
  regctl: {
    login: ({ host }, user, password) => [
      ...PLAIN(host),
      'registry',
      'login',
      host,
      '--user',
      user,
      '--pass',
      password,
    ],
    push: ({ host, folder }, name) => [...PLAIN(host), 'image', 'import', `${host}/${name}`, join(folder, 'image.tar')],
    pull: ({ host }, name) => [...PLAIN(host), 'manifest', 'get', `${host}/${name}`],
    logout: ({ host }) => ['registry', 'logout', host],
    env: ({ folder }) => ({ REGCTL_CONFIG: join(folder, 'regctl.json'), DOCKER_CONFIG: join(folder, 'docker') }),
    kept: 'regctl.json',
    tries: true,
  },
  helm: {
    login: ({ host }, user, password) => [
      'registry',
      'login',
      host,
      '--plain-http',
      '--username',
      user,
      '--password',
      password,
    ],
    push: ({ host }, name) => ['push', '--plain-http', 'app-1.0.0.tgz', `oci://${host}/${name.split(':')[0]}`],
    pull: ({ host }, name) => [
      'pull',
      '--plain-http',
      `oci://${host}/${name.split(':')[0]}/app`,
      '--version',
      '1.0.0',
      '--destination',
      'pulled',
    ],
    logout: ({ host }) => ['registry', 'logout', host],
    env: ({ folder }) => ({
      HELM_CACHE_HOME: join(folder, 'helm-cache'),
      HELM_CONFIG_HOME: join(folder, 'helm-config'),
      HELM_DATA_HOME: join(folder, 'helm-data'),
      DOCKER_CONFIG: join(folder, 'docker'),
    }),
    kept: 'helm-config/registry/config.json',
    tries: true,
  },
} as const satisfies Partial<Record<ClientName, Driver>>;

export type LoginClient = keyof typeof DRIVERS;
