/** The names of options, and of the sections that they are in. */
export function withSections(keys: Iterable<string>): ReadonlySet<string> {
  const names = new Set<string>();
  for (const key of keys) {
    for (let at = key.indexOf('.'); at > 0; at = key.indexOf('.', at + 1)) names.add(key.slice(0, at));
    names.add(key);
  }
  return names;
}
