import {
  createProgress,
  createStyle,
  printable,
  type CommandInput,
  type Io,
  type Progress,
  type ProgressOptions,
} from '../../internal/cli/index.ts';

/** Something that a command comes across: a problem, or what is only worth knowing. */
export interface Finding {
  readonly kind: string;
  readonly repository?: string;
  /** A tag or digest of the repository. */
  readonly name?: string;
  readonly digest?: string;
  readonly sizeBytes?: number;
  readonly detail?: string;
  readonly mended?: true;
}

/** How a command that may find any number of things tells them: a line each as it goes, and what came of it in the end. */
export interface Findings {
  readonly progress: Progress;
  readonly tell: (finding: Finding) => void;
  /** The last line: text, or with `--json`, where every line is an object, one of kind `summary`. */
  readonly conclude: (summary: object, text: string) => void;
}

export function createFindings(
  { options }: CommandInput,
  io: Io,
  what: Pick<ProgressOptions, 'verb' | 'noun' | 'format'>,
): Findings {
  const progress = createProgress(io, { ...what, clock: Date.now });
  const style = createStyle(io.stdout, io.env);
  const isJson = options['json'] === true;

  function write(value: object, text: string): void {
    progress.clear();
    io.stdout.write(isJson ? `${JSON.stringify(value)}\n` : `${text}\n`);
  }

  return {
    progress,
    tell: (finding) => {
      const kind = style(finding.mended ? 'green' : 'yellow', `${finding.kind}${finding.mended ? ', mended' : ''}:`);
      write(finding, `${kind} ${describe(finding)}`);
    },
    conclude: (summary, text) => write({ kind: 'summary', ...summary }, text),
  };
}

function describe({ repository, name, digest, sizeBytes, detail }: Finding): string {
  const at = name === undefined ? '' : `${name.includes(':') ? '@' : ':'}${name}`;
  const parts = [
    repository === undefined ? undefined : `${repository}${at}`,
    digest,
    sizeBytes === undefined ? undefined : `${sizeBytes} bytes`,
  ];
  const what = parts.filter((part) => part !== undefined).join(' ');
  return printable(detail === undefined ? what : `${what} (${detail})`);
}

/** `1 manifest`, `2 manifests`, `12,345 bytes`. */
export function count(number: number, noun: string): string {
  return `${number.toLocaleString('en')} ${noun}${number === 1 ? '' : 's'}`;
}
