/**
 * Patterns of repository names: `*` stands for any part of one segment, `**` as a whole segment for one segment or more.
 * `team-a/**` is everything below `team-a`, `team/*` one level, `**` every repository.
 */
const PATTERN = /^(?:\*\*|[a-z0-9._*-]+)(?:\/(?:\*\*|[a-z0-9._*-]+))*$/;
const LONGEST = 255;

/** What is wrong with a pattern, in words that follow it; undefined where it is one. */
export function wrongOfPattern(text: string): string | undefined {
  if (text.length > LONGEST) return `is longer than ${LONGEST} characters`;
  if (!PATTERN.test(text)) return 'is no pattern such as team/app, team/* or team/**';
  const mixed = text.split('/').find((segment) => segment !== '**' && segment.includes('**'));
  return mixed === undefined ? undefined : 'has ** beside other characters: it stands for whole segments';
}

/** Whether the name is one of the pattern's. Steps grow with the length of the name, whatever the pattern. */
export function matchesPattern(pattern: string, name: string): boolean {
  if (pattern === '**' || pattern === name) return true;
  if (!pattern.includes('*')) return false;
  const segments = name.split('/');
  const wanted = pattern.split('/');
  // The last `**` met, and how far it reaches: where what follows it does not fit, it takes one more segment. What an
  // earlier one took need not be looked at again: the first place where something fits leaves the most for the rest.
  let at = 0;
  let want = 0;
  let star = -1;
  let reach = 0;
  while (at < segments.length) {
    const segment = wanted[want];
    if (segment === '**') {
      star = want++;
      reach = ++at;
    } else if (segment !== undefined && matchesSegment(segment, segments[at] ?? '')) {
      want += 1;
      at += 1;
    } else if (star >= 0) {
      want = star + 1;
      at = ++reach;
    } else return false;
  }
  return want === wanted.length;
}

/** `*` in a segment, found from left to right: each piece at the first place where it fits, the last one at the end. */
export function matchesSegment(pattern: string, text: string): boolean {
  const [first = '', ...pieces] = pattern.split('*');
  if (pieces.length === 0) return pattern === text;
  const last = pieces.pop() ?? '';
  if (!text.startsWith(first) || text.length < first.length + last.length) return false;
  let at = first.length;
  const end = text.length - last.length;
  for (const piece of pieces) {
    const found = text.indexOf(piece, at);
    if (found < 0 || found + piece.length > end) return false;
    at = found + piece.length;
  }
  return text.endsWith(last);
}

/** What every name of the pattern begins with; the whole name where the pattern is one. */
export function prefixOf(pattern: string): string {
  const star = pattern.indexOf('*');
  return star < 0 ? pattern : pattern.slice(0, star);
}
