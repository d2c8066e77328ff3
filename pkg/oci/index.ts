export * from './digest.ts';
export * from './errors.ts';
export * from './manifest.ts';
export * from './name.ts';
