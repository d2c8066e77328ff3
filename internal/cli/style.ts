import { styleText } from 'node:util';
import type { Io, Writer } from './types.ts';

export type Colour = 'red' | 'green' | 'yellow' | 'dim' | 'bold';

/** Colours text where people look at it: on a terminal, and unless NO_COLOR or a dumb terminal says otherwise. */
export function createStyle(writer: Writer, env: Io['env']): (colour: Colour, text: string) => string {
  const enabled = writer.isTTY === true && !env['NO_COLOR'] && env['TERM'] !== 'dumb';
  return enabled ? (colour, text) => styleText(colour, text, { validateStream: false }) : (_, text) => text;
}
