import type { CommandOption } from '../../internal/cli/index.ts';

// Of commands that have them alike; apart from what they are about, which is only loaded when a command runs.

export const JSON_LINES: CommandOption = {
  flags: '--json',
  doc: 'as JSON, an object on each line; the last is the summary',
};

export const REPLACE: CommandOption = {
  flags: '--replace',
  doc: 'move the SQLite file that is there aside; nothing is deleted',
};
