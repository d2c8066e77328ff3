/** What stands in a record in place of a credential. */
export const REDACTED = 'REDACTED';

// Matched against a lower-case name. Whole words only where the word is also part of harmless names (`sign`, `key`).
const SECRET_NAME =
  /token|secret|passw|pwd|credential|signature|authorization|cookie|assertion|session|api[-_]?key|private[-_]?key|access[-_]?key|^(?:auth|sig|key|jwt|code|state|_state)$|^x-(?:amz|goog|ms)-/;

/** Whether a header, field or query parameter of this name carries what nobody may read in a log. */
export function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name.toLowerCase());
}

/** The raw query without the values of parameters that carry credentials; order, names and all else stay as sent. */
export function redactQuery(query: string): string {
  if (!query.includes('=')) return query;
  return query
    .split('&')
    .map((pair) => {
      const at = pair.indexOf('=');
      return at > 0 && isSecretName(decodeName(pair.slice(0, at))) ? `${pair.slice(0, at)}=${REDACTED}` : pair;
    })
    .join('&');
}

/** The path without the id of an upload session: whoever knows the URL of an upload may write to it. */
export function redactPath(path: string): string {
  const at = path.lastIndexOf(UPLOADS);
  return at < 0 || at + UPLOADS.length === path.length ? path : `${path.slice(0, at + UPLOADS.length)}${REDACTED}`;
}

/** Text, such as the message of an error, without the passwords of URLs in it and without the ids of uploads. */
export function redactText(text: string): string {
  const open = text.includes('://') ? text.replaceAll(URL_PASSWORD, `$1${REDACTED}@`) : text;
  return open.includes('uploads/') ? open.replaceAll(UPLOAD_ID, REDACTED) : open;
}

const UPLOADS = '/blobs/uploads/';
// After that folder of storage, or at the end of an upload's path.
const UPLOAD_ID = /(?<=uploads\/)[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/gi;
const URL_PASSWORD = /(:\/\/[^/\s:@?#]*:)[^/\s@?#]+@/g;

function decodeName(name: string): string {
  try {
    return decodeURIComponent(name.replaceAll('+', ' '));
  } catch {
    return name; // not valid percent-encoding: the name is what was sent
  }
}
