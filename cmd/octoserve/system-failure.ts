/** The name that the operating system gave a failure, such as ENOSPC; undefined for what is none of its own. */
export function systemCodeOf(failure: unknown): string | undefined {
  if (typeof failure !== 'object' || failure === null || !('syscall' in failure && 'code' in failure)) return undefined;
  return typeof failure.code === 'string' ? failure.code : undefined;
}
