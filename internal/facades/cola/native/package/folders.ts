/**
 * Says what is wrong with the names in a zip, in their order: command-launcher makes no folder that is not an entry of
 * its own before whatever is in it. Undefined where nothing is.
 */
export function createFolderCheck(): (name: string) => string | undefined {
  const folders = new Set<string>(['']);
  const seen = new Set<string>();
  return (name) => {
    if (seen.has(name)) return `${name} is there twice`;
    seen.add(name);
    const isFolder = name.endsWith('/');
    const path = isFolder ? name.slice(0, -1) : name;
    const parent = path.slice(0, path.lastIndexOf('/') + 1);
    if (isFolder) folders.add(name);
    if (folders.has(parent)) return undefined;
    // One is enough: of what else is in that folder nobody needs to hear.
    folders.add(parent);
    return `${parent} is no entry of its own before ${name}`;
  };
}
