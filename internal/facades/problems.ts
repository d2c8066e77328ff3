/** A facade that is switched on, with the first part of the repositories that are its own. */
interface Owner {
  readonly name: string;
  readonly prefix: string;
}

/** What is wrong where two facades would own the same repositories, a sentence for each pair. */
export function prefixProblems(owners: readonly Owner[]): readonly string[] {
  return owners.flatMap(({ name, prefix }, index) =>
    owners
      .slice(index + 1)
      .filter((other) => other.prefix === prefix)
      .map(
        (other) =>
          `facades.${name}.prefix and facades.${other.name}.prefix are both ${prefix}: ` +
          'repositories belong to one facade, so give one of them another prefix or switch it off',
      ),
  );
}
