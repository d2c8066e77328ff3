/** Resolves when all have ended well; where some fail, rejects as the first of them in the list, and not before all have ended. */
export async function allEnded(acts: readonly Promise<void>[]): Promise<void> {
  for (const act of await Promise.allSettled(acts)) if (act.status === 'rejected') throw act.reason;
}
