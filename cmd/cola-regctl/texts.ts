import { printable, writeTable } from '../../internal/cli/index.ts';

/** Columns with two spaces between them, without the last line feed. */
export function tableOf(rows: readonly (readonly string[])[]): string {
  let text = '';
  writeTable({ write: (more) => (text += more) }, rows);
  return text.trimEnd();
}

/** `Name: value`, one line; nothing that the value holds moves the cursor. */
export const line = (name: string, value: string): string => `${name}: ${printable(value)}`.trimEnd();

/** A heading and what stands below it; nothing where that is nothing. */
export function section(heading: string, members: readonly string[]): readonly string[] {
  return members.length === 0 ? [] : [`${heading}:`, ...members.map((member) => `  ${printable(member)}`)];
}

export const done = (text: string): string => `✓ ${text}`;
