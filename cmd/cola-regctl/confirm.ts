import type { Call, Result } from './command.ts';

const YES = /^(?:y|yes)$/i;

/** Asks before something is deleted, unless told not to. No answer is a no. */
export async function confirmDelete({ isSure, isJson, io }: Call, what: string): Promise<boolean> {
  if (isSure) return true;
  const screen = isJson ? io.stderr : io.stdout; // what is asked must not spoil the JSON
  screen.write(`⚠ This will delete ${what}\nAre you sure? [y/N]: `);
  const answer = await io.stdin?.line('');
  if (io.stdin?.isTTY !== true) screen.write('\n');
  return YES.test((answer ?? '').trim());
}

export const CANCELLED: Result = { text: 'Deletion cancelled', data: { deleted: false } };
