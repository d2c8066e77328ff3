import type { Io } from '../../../internal/cli/index.ts';

/** Says on stderr what is being done: on a terminal in one line that changes, elsewhere a line for each workload. */
export interface Steps {
  /** The text begins with what it is about, and a colon. */
  readonly tell: (text: string) => void;
  /** Takes the line away, before results are written. */
  readonly end: () => void;
}

const CLEAR = '\r\u{1b}[K';

export function createSteps({ stderr }: Pick<Io, 'stderr'>): Steps {
  const isTerminal = stderr.isTTY === true;
  let subject = '';
  return {
    tell(text) {
      const [about = text] = text.split(':');
      if (isTerminal) stderr.write(`${CLEAR}${text}`);
      else if (about !== subject) stderr.write(`${about}\n`);
      subject = about;
    },
    end() {
      if (isTerminal) stderr.write(CLEAR);
    },
  };
}
