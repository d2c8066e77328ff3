import { CliError, UsageError } from '../../internal/cli/index.ts';
import { findDigest, findRepositoryName, findTag } from '../../pkg/oci/index.ts';
import type { Digest, OciError, RepositoryName, Tag } from '../../pkg/oci/index.ts';

/** `team/app:v1` as a command line has it. */
export function parseTagName(text: string): { readonly repository: RepositoryName; readonly tag: Tag } {
  const colon = text.lastIndexOf(':');
  const repository = findRepositoryName(text.slice(0, Math.max(0, colon)));
  const tag = findTag(text.slice(colon + 1));
  if (colon < 0 || !repository || !tag) throw new UsageError(`${text} is no tag of a repository, as team/app:v1 is`);
  return { repository, tag };
}

/** `team/app@sha256:...` as a command line has it. */
export function parseManifestName(text: string): { readonly repository: RepositoryName; readonly digest: Digest } {
  const [name = '', ...rest] = text.split('@');
  const repository = findRepositoryName(name);
  const digest = findDigest(rest.join('@'));
  if (!repository || !digest) throw new UsageError(`${text} names no manifest, as team/app@sha256:... does`);
  return { repository, digest };
}

/** What the registry refuses, as something that the user can read; what it says of no use is left out. */
export function refusedAs(what: string, { code, message, detail, cause }: OciError, hint?: string): CliError {
  const about = detail.join(', ');
  // Of these the detail is the tag alone.
  const isNamed = code === 'TAG_IMMUTABLE' || code === 'TAG_PROTECTED';
  const why = isNamed ? `${about}: ${message}` : about || message;
  return new CliError(`${what}: ${why}`, { ...(hint !== undefined && { hint }), cause });
}
