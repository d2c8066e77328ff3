import { PRODUCT_VERSION } from '../../internal/cli/index.ts';

/** What `-version` prints (octoserve contract, section 2). */
export const VERSION_LINE = `octoserve v${PRODUCT_VERSION} - Minimal OCI Registry`;
