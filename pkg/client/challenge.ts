/** One way of authentication that a server offers (RFC 9110, section 11.6.1). */
export interface Challenge {
  /** In lower case. */
  readonly scheme: string;
  /** Parameters by name in lower case; of a name that is there twice the first. */
  readonly params: ReadonlyMap<string, string>;
}

const TOKEN = /[!#$%&'*+.^_`|~0-9A-Za-z-]+/y;
const VALUE = /[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"|([!#$%&'*+.^_`|~0-9A-Za-z:/-]+))/sy;
const SEPARATORS = /[ \t,]*/y;
const JUNK = /[^ \t,]+/y;

/** The challenges of a `WWW-Authenticate` header, several header lines joined by commas. What is no challenge is skipped. */
export function parseChallenges(header: string): readonly Challenge[] {
  const challenges: { scheme: string; params: Map<string, string> }[] = [];
  let at = 0;
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const match = pattern.exec(header);
    if (match) at = pattern.lastIndex;
    return match;
  };
  for (take(SEPARATORS); at < header.length; take(SEPARATORS)) {
    const name = take(TOKEN)?.[0].toLowerCase();
    const value = name === undefined ? null : take(VALUE);
    const params = challenges.at(-1)?.params;
    if (name === undefined) take(JUNK);
    else if (!value) challenges.push({ scheme: name, params: new Map() });
    else if (params && !params.has(name)) params.set(name, value[2] ?? value[1]?.replace(/\\(.)/gs, '$1') ?? '');
  }
  return challenges;
}
