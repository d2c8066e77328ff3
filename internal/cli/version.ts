import { createRequire, findPackageJSON } from 'node:module';

/** Our package.json is the nearest one upwards from the sources, and from `dist` as well. */
const path = findPackageJSON(import.meta.url);
if (path === undefined) throw new Error('the program is not where its package.json is');

/** The version of the product, which all its programs share. */
export const { version: PRODUCT_VERSION } = createRequire(import.meta.url)(path) as { readonly version: string };
