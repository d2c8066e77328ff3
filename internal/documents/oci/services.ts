import { parseRepositoryName, type RepositoryName } from '../../../pkg/oci/index.ts';
import type { OciPlace } from '../uri.ts';

/** Where a registry really is, and what it wants of its users. */
export interface Service {
  readonly origin: string;
  readonly repository: RepositoryName;
  /** Hosts that hand out its tokens, where those are others. */
  readonly authHosts: readonly string[];
  /** What to do where it lets us not in. */
  readonly hint: string;
}

const DOCKER_HUB = new Set(['docker.io', 'index.docker.io', 'registry-1.docker.io']);
const PLAIN = 'Check --storage-token: a token, or user:password, with the right to push.';

const HINTS: readonly (readonly [RegExp, string])[] = [
  [/(?:^|\.)ghcr\.io$/, 'GitHub takes a personal access token with the scope write:packages.'],
  [/\.azurecr\.io$/, 'Azure takes user:password, of a service principal or a token of the registry.'],
  [/\.amazonaws\.com$/, 'AWS takes AWS:password, of `aws ecr get-login-password`, for twelve hours.'],
  [/\.pkg\.dev$|(?:^|\.)gcr\.io$/, 'Google takes oauth2accesstoken:token, of `gcloud auth print-access-token`.'],
];

/** The service behind the name that people use for it. */
export function findService({ origin, host, repository }: OciPlace): Service {
  if (DOCKER_HUB.has(host)) {
    return {
      origin: 'https://registry-1.docker.io',
      repository: repository.includes('/') ? repository : parseRepositoryName(`library/${repository}`),
      authHosts: ['auth.docker.io'],
      hint: 'Docker Hub takes user:token, with a personal access token that may write.',
    };
  }
  const authHosts = host === 'registry.gitlab.com' ? ['gitlab.com'] : [];
  return { origin, repository, authHosts, hint: HINTS.find(([pattern]) => pattern.test(host))?.[1] ?? PLAIN };
}
