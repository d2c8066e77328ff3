import type { Dialect } from './dialect.ts';
import { isTree, type Tree } from './file.ts';
import { withSections } from './sections.ts';

/** What a file says: settings by key, and what it says of things that do not exist. */
export interface Flat {
  readonly settings: ReadonlyMap<string, unknown>;
  /** Dotted, as written; a whole section where nothing of it exists. */
  readonly unknown: readonly string[];
  readonly problems: readonly string[];
}

/** Takes the sections of a file apart, as far down as options go. A null says nothing, like an absent setting. */
export function flatten(tree: Tree, known: ReadonlySet<string>, dialect: Dialect): Flat {
  const sections = withSections(known);
  const settings = new Map<string, unknown>();
  const unknown: string[] = [];
  const problems: string[] = [];

  function visit(section: Tree, above: string): void {
    for (const [name, value] of Object.entries(section)) {
      const written = above === '' ? name : `${above}.${name}`;
      const key = dialect.keyOf(written);
      if (written === '$schema') continue; // for editors
      if (known.has(key)) {
        if (settings.has(key)) problems.push(`${written} is set twice`);
        else if (isTree(value)) problems.push(`${written} is a setting, not a section`);
        else if (value !== null) settings.set(key, value);
      } else if (!sections.has(key)) unknown.push(written);
      else if (isTree(value)) visit(value, written);
      else if (value !== null) problems.push(`${written} is a section, not a setting`);
    }
  }
  visit(tree, '');
  return { settings, unknown, problems };
}
