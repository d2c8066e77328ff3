const NOWHERE = 'http://nowhere.invalid';
/** Backslashes are slashes to browsers; control characters are left out by them. */
const SUSPICIOUS = /[\\\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;
const MOST_ROUNDS = 4;
const LONGEST = 2048;

/**
 * Where a browser is sent after it signed in: a path of this server, as it was given. Undefined where the text could
 * lead to another site: by its start (`//evil`, `/\evil`), by dots that come to that, or by either under encodings,
 * which something in front of us may take off.
 */
export function findLocalPath(text: string): string | undefined {
  if (text.length > LONGEST) return undefined;
  let stage = text;
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    if (!isLocal(stage)) return undefined;
    const next = decode(stage);
    if (next === undefined) return undefined;
    if (next === stage) return text;
    stage = next;
  }
  return undefined; // nobody encodes a path so often for good reasons
}

function isLocal(path: string): boolean {
  if (!path.startsWith('/') || path.startsWith('//') || SUSPICIOUS.test(path)) return false;
  if (!URL.canParse(path, NOWHERE)) return false;
  const url = new URL(path, NOWHERE);
  return url.origin === NOWHERE && !url.pathname.startsWith('//');
}

/** Undefined where the text is not encoded as it should be. */
function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
