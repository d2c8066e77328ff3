/** Types of the artifacts that COLA keeps (contract 12.1). */
export const TYPE = {
  registry: 'application/vnd.cola.registry.v1+json',
  package: 'application/vnd.cola.package.v1+json',
  version: 'application/vnd.cola.version.v1',
  reference: 'application/vnd.cola.reference.v1+json',
  index: 'application/vnd.cola.index.v1+json',
} as const;

/** Annotations of versions (contract 12.2, 12.3), and of what is rendered of them. */
export const NOTE = {
  start: 'com.cola-registry.start-partition',
  end: 'com.cola-registry.end-partition',
  index: 'com.cola-registry.index',
  generation: 'com.cola-registry.generation',
} as const;
