export * from './make-folders.ts';
export * from './replace-file.ts';
