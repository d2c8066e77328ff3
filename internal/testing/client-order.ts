/** As command-launcher reads a version: wherever in the text the first number begins, and nothing after its tag. */
const CLIENT = /([0-9]+)\.?([0-9]+)?\.?([0-9]+)?(?:[-_]([a-zA-Z0-9]+))?/;

/**
 * The order of command-launcher (contract 10.4), which is not that of semantic versions: tags compare as text, and none
 * is the lowest, so that 1.0.0-rc1 is above 1.0.0, and rc9 above rc10.
 */
export function compareAsClient(a: string, b: string): number {
  const [one, other] = [CLIENT.exec(a) ?? [], CLIENT.exec(b) ?? []];
  for (const at of [1, 2, 3]) {
    const order = Number(one[at] ?? 0) - Number(other[at] ?? 0);
    if (order !== 0) return order;
  }
  const [tag, otherTag] = [one[4] ?? '', other[4] ?? ''];
  return tag < otherTag ? -1 : tag > otherTag ? 1 : 0;
}
