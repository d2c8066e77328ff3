export { createArtifacts } from './artifacts.ts';
export type * from './types.ts';
