import { basename } from 'node:path';
import { isTree, type Tree } from './file.ts';
import { withSections } from './sections.ts';

/** How a file is written: in the product's own words, or in those of a system whose files start unchanged. */
export interface Dialect {
  /** The key of an option for the dotted name that the file uses. */
  keyOf(written: string): string;
  /** What a name that no option has is: a mistake, or something that has no effect here. */
  readonly unknownIs: 'error' | 'warning';
}

const OWN: Dialect = { keyOf: (written) => written, unknownIs: 'error' };

// The contract's `config.json` calls our `log` section `logging`; all else that both have, both name alike.
const CONTRACT: Dialect = {
  keyOf: (written) => written.replace(/^logging(?=\.|$)/, 'log'),
  unknownIs: 'warning',
};

/** What the contract names as we do (octoserve contract, section 3). */
const SHARED = withSections([
  ...['address', 'port', 'read_timeout', 'write_timeout', 'idle_timeout'].map((name) => `server.${name}`),
  ...['server.tls.cert', 'server.tls.key', 'storage.type', 'storage.path'],
  ...['registry.catalog_endpoint', 'registry.auto_mount', 'metrics.enabled', 'metrics.endpoint'],
  ...['metrics.basic_auth.username', 'metrics.basic_auth.password'],
]);

/** Settings of the contract that are not offered here: a warning in files of either kind. */
export const isNotOffered = (written: string): boolean => /^(?:server\.h2c|p2p)(?:\.|$)/.test(written);

/**
 * A file is the contract's where it has a section `logging` or `p2p`, which no file of ours has. A `config.json`
 * without them is the contract's too, unless it uses a setting or section that the contract does not know and we do
 * (`log`, `registry.delete`): the contract's files start unchanged whatever else is in them, and ours, which nearly
 * always use such a name, have their mistakes refused. Any other file is ours.
 */
export function detectDialect(file: string, tree: Tree, known: ReadonlySet<string>): Dialect {
  if ('logging' in tree || 'p2p' in tree) return CONTRACT;
  return basename(file) === 'config.json' && !usesOwnNames(tree, withSections(known)) ? CONTRACT : OWN;
}

function usesOwnNames(section: Tree, own: ReadonlySet<string>, above = ''): boolean {
  return Object.entries(section).some(([name, value]) => {
    const written = `${above}${name}`;
    return SHARED.has(written) ? isTree(value) && usesOwnNames(value, own, `${written}.`) : own.has(written);
  });
}
