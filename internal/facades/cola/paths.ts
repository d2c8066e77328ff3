/** The templates of COLA's paths (contract, section 3). */
export const BASE = '/api/v1';
export const REGISTRIES = `${BASE}/registry`;
export const REGISTRY = `${REGISTRIES}/{name}`;
export const PACKAGES = `${REGISTRY}/package`;
export const PACKAGE = `${PACKAGES}/{package}`;
export const VERSIONS = `${PACKAGE}/version`;
export const VERSION = `${VERSIONS}/{version}`;

/** Where something is, from the site on: `/api/v1/registry/ops/package/rollback`. */
export function pathOf(registry: string, packageName?: string, version?: string): string {
  const parts = [
    REGISTRIES,
    encodeURIComponent(registry),
    ...(packageName === undefined ? [] : ['package', encodeURIComponent(packageName)]),
    ...(version === undefined ? [] : ['version', encodeURIComponent(version)]),
  ];
  return parts.join('/');
}
