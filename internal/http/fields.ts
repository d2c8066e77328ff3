/**
 * Whether a request has a field of this name, which is given in lower case. For most requests most of the fields that
 * matter are absent, and Node makes its object of all fields when it is first asked for one.
 */
export function hasField(rawHeaders: readonly string[], name: string): boolean {
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const field = rawHeaders[index] ?? '';
    if (field.length === name.length && field.toLowerCase() === name) return true;
  }
  return false;
}
