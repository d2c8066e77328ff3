/** Where a program comes from: Debian's packages, or a Go program of a pinned version that is built. */
export type ClientSource =
  | Readonly<{ kind: 'debian'; packages: readonly string[] }>
  | Readonly<{ kind: 'go'; path: string; module: string; version: string }>;

interface ClientRow {
  readonly source: ClientSource;
  /** Programs that must all be there. */
  readonly programs: readonly string[];
  /** Whether it works for root only. */
  readonly root?: boolean;
}

const debian = (...packages: readonly string[]): ClientSource => ({ kind: 'debian', packages });
const go = (module: string, folder: string, version: string): ClientSource => ({
  kind: 'go',
  module,
  path: `${module}/${folder}`,
  version,
});

/** Every client that the tests drive, and versitygw, the S3 service that the server is given. */
export const CLIENTS = {
  docker: { source: debian('docker.io', 'docker-cli'), programs: ['dockerd', 'docker'], root: true },
  containerd: { source: debian('containerd'), programs: ['containerd', 'ctr'], root: true },
  podman: { source: debian('podman'), programs: ['podman'], root: true },
  buildah: { source: debian('buildah'), programs: ['buildah'], root: true },
  skopeo: { source: debian('skopeo'), programs: ['skopeo'] },
  curl: { source: debian('curl'), programs: ['curl'] },
  zip: { source: debian('zip', 'unzip'), programs: ['zip', 'unzip'] },
  openssl: { source: debian('openssl'), programs: ['openssl'] },
  oras: { source: go('oras.land/oras', 'cmd/oras', 'v1.2.3'), programs: ['oras'] },
  crane: { source: go('github.com/google/go-containerregistry', 'cmd/crane', 'v0.22.1'), programs: ['crane'] },
  regctl: { source: go('github.com/regclient/regclient', 'cmd/regctl', 'v0.11.7'), programs: ['regctl'] },
  versitygw: { source: go('github.com/versity/versitygw', 'cmd/versitygw', 'v1.8.0'), programs: ['versitygw'] },
  helm: { source: go('helm.sh/helm/v3', 'cmd/helm', 'v3.19.5'), programs: ['helm'] },
} as const satisfies Readonly<Record<string, ClientRow>>;

export type ClientName = keyof typeof CLIENTS;

/** The clients of `make e2e`; helm takes minutes to build and is for `make e2e-all`. */
export const EVERYDAY: readonly ClientName[] = (Object.keys(CLIENTS) as ClientName[]).filter((name) => name !== 'helm');

export function rowOf(client: ClientName): ClientRow {
  return CLIENTS[client];
}
