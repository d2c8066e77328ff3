import type { Tree } from './file.ts';

/** How a file is written: in the product's own words, or in those of a system whose files start unchanged. */
export interface Dialect {
  /** The key of an option for the dotted name that the file uses. */
  keyOf(written: string): string;
  /** What a name that no option has is: a mistake, or something that is not offered here. */
  readonly unknownIs: 'error' | 'warning';
}

const OWN: Dialect = { keyOf: (written) => written, unknownIs: 'error' };

// The contract's `config.json` calls our `log` section `logging`; all else that both have, both name alike.
const CONTRACT: Dialect = {
  keyOf: (written) => written.replace(/^logging(?=\.|$)/, 'log'),
  unknownIs: 'warning',
};

/**
 * The contract's `config.json` is known by a section `logging` or `p2p`, which the product's own files do not have.
 * One without either uses only names that both have, or is ours and mistaken.
 */
export function detectDialect(tree: Tree): Dialect {
  return 'logging' in tree || 'p2p' in tree ? CONTRACT : OWN;
}
