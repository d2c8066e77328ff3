import type { Descriptor } from './descriptor.ts';
import type { Manifest } from './manifest.ts';

/** image-spec: annotations.md, Pre-Defined Annotation Keys. */
export const ANNOTATION = {
  title: 'org.opencontainers.image.title',
  version: 'org.opencontainers.image.version',
  created: 'org.opencontainers.image.created',
  description: 'org.opencontainers.image.description',
} as const;

/** The name under which clients write the content to a file; undefined where it has none. */
export function titleOf(layer: Descriptor): string | undefined {
  return layer.annotations?.[ANNOTATION.title];
}

/** Whether a manifest stands for files of its own: an image manifest with a layer, not what belongs to another (`subject`). */
export function hasFiles(manifest: Manifest): boolean {
  return manifest.kind === 'image' && manifest.subject === undefined && manifest.layers.length > 0;
}
