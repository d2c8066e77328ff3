import * as z from 'zod';
import { findDigest, findTag, parseRepositoryName, parseTag } from '../../../pkg/oci/index.ts';
import type { Digest, Tag } from '../../../pkg/oci/index.ts';

/** Names of content in the paths and bodies of administration. A repository's name is one segment: its `/` is `%2F`. */
export const REPOSITORY_NAME = 'The repository, its / written as %2F';

export const parseNames = (path: { readonly name: string; readonly tag: string }) => ({
  repository: parseRepositoryName(path.name),
  tag: parseTag(path.tag),
});

export const DIGEST = z
  .string()
  .refine((text) => findDigest(text) !== undefined, 'Invalid digest')
  .transform((text) => text as Digest); // found to be one

export const TAG = z
  .string()
  .refine((text) => findTag(text) !== undefined, 'Invalid tag')
  .transform((text) => text as Tag); // found to be one

export const moment = (which: string) =>
  z.iso
    .datetime({ offset: true })
    .transform((text) => Date.parse(text))
    .describe(which);
