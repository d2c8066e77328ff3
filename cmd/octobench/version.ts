import { createRequire, findPackageJSON } from 'node:module';

/** Our package.json is the nearest one upwards from the sources, and from `dist` as well. */
const path = findPackageJSON(import.meta.url);
if (path === undefined) throw new Error('octobench is not where its package.json is');

/** The version in our package.json. */
export const { version: VERSION } = createRequire(import.meta.url)(path) as { readonly version: string };
