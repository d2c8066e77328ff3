/** distribution-spec, `<name>`: one path component of a repository's name. */
const COMPONENT = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;
const MARK = 'x--';
const DIGITS = '0123456789abcdefghijklmnopqrstuv';
const ENCODED = /^[0-9a-v]*$/;
const BITS = 5;

/**
 * A name as one component of a repository's name: itself where it is one, else `x--` and its UTF-8 bytes in lower-case
 * base32hex without padding (`MyTool`: `x--9lsl8rrfdg`). No two names have the same.
 */
export function segmentOf(name: string): string {
  return COMPONENT.test(name) && !name.startsWith(MARK) ? name : `${MARK}${encode(Buffer.from(name))}`;
}

/** The name that a component stands for; undefined where `segmentOf` gives it for none. */
export function nameOfSegment(segment: string): string | undefined {
  if (!segment.startsWith(MARK)) return COMPONENT.test(segment) ? segment : undefined;
  const encoded = segment.slice(MARK.length);
  const bytes = ENCODED.test(encoded) ? decode(encoded) : undefined;
  const name = bytes && findText(bytes);
  // Whatever could be written in two ways has one: else a package would be in two repositories.
  return name !== undefined && segmentOf(name) === segment ? name : undefined;
}

function encode(bytes: Uint8Array): string {
  let [text, held, bits] = ['', 0, 0];
  for (const byte of bytes) {
    held = (held << 8) | byte;
    for (bits += 8; bits >= BITS; held &= (1 << bits) - 1) {
      bits -= BITS;
      text += DIGITS[held >> bits];
    }
  }
  return bits === 0 ? text : text + DIGITS[held << (BITS - bits)];
}

function decode(text: string): Uint8Array {
  const bytes = [];
  let [held, bits] = [0, 0];
  for (const digit of text) {
    held = (held << BITS) | DIGITS.indexOf(digit);
    bits += BITS;
    if (bits < 8) continue;
    bits -= 8;
    bytes.push(held >> bits);
    held &= (1 << bits) - 1;
  }
  return Uint8Array.from(bytes);
}

function findText(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
