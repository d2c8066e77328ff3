import { findDigest, excerpt, type Digest } from './digest.ts';
import { OciError } from './errors.ts';

declare const brand: unique symbol;
/** A checked repository name, at most 255 characters (distribution-spec: Pulling manifests, `<name>`). */
export type RepositoryName = string & { readonly [brand]: 'RepositoryName' };
/** A checked tag, at most 128 characters (distribution-spec: Pulling manifests, `<tag-or-digest>`). */
export type Tag = string & { readonly [brand]: 'Tag' };
/** The id of an upload session, a lower-case UUID. */
export type UploadId = string & { readonly [brand]: 'UploadId' };

export type Reference = Readonly<{ kind: 'tag'; tag: Tag }> | Readonly<{ kind: 'digest'; digest: Digest }>;

const NAME = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;
const TAG = /^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/;
const UPLOAD_ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

export function findRepositoryName(text: string): RepositoryName | undefined {
  return text.length <= 255 && NAME.test(text) ? (text as RepositoryName) : undefined; // the only cast
}

/** The repository name in `text`, or NAME_INVALID. */
export function parseRepositoryName(text: string): RepositoryName {
  const name = findRepositoryName(text);
  if (!name) throw new OciError('NAME_INVALID', excerpt(text));
  return name;
}

export function findTag(text: string): Tag | undefined {
  return text.length <= 128 && TAG.test(text) ? (text as Tag) : undefined; // the only cast
}

/** The tag in `text`, or MANIFEST_INVALID with the reference as detail. */
export function parseTag(text: string): Tag {
  const tag = findTag(text);
  if (!tag) throw new OciError('MANIFEST_INVALID', `invalid reference ${excerpt(text)}`);
  return tag;
}

/** A tag or a digest; a colon makes it a digest, since no tag holds one. MANIFEST_INVALID or DIGEST_INVALID. */
export function parseReference(text: string): Reference {
  if (!text.includes(':')) return { kind: 'tag', tag: parseTag(text) };
  const digest = findDigest(text);
  if (!digest) throw new OciError('DIGEST_INVALID', excerpt(text));
  return { kind: 'digest', digest };
}

export function findUploadId(text: string): UploadId | undefined {
  return text.length === 36 && UPLOAD_ID.test(text) ? (text as UploadId) : undefined; // the only cast
}
