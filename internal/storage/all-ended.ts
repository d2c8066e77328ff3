/**
 * Resolves when all have ended well. Where some fail, rejects as the first of them in the list, and not before all have
 * ended: what they work on, a file or a buffer, is free when it settles.
 */
export async function allEnded(acts: readonly Promise<void>[]): Promise<void> {
  for (const act of await Promise.allSettled(acts)) if (act.status === 'rejected') throw act.reason;
}
