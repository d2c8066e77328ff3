export { buildServer, type BuildDeps, type Built } from './build.ts';
export { runServer, type RunOptions } from './lifecycle.ts';
export { OPTION_TABLES, type Config } from './options.ts';
