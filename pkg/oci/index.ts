export type { Descriptor } from './descriptor.ts';
export * from './digest.ts';
export * from './errors.ts';
export * from './json.ts';
export * from './manifest.ts';
export * from './media-types.ts';
export * from './name.ts';
export * from './pattern.ts';
export * from './tag-rule.ts';
