import { DUMP_KINDS, type DumpKind, type DumpRow, type DumpScope } from '../catalog/index.ts';
import { FIELDS, INVALID, type Read } from './dump-fields.ts';

// A dump is text: JSON in lines that each end in a line feed. A header, then rows by kind, then an end that says how
// many rows of each kind there were, and the SHA-256 of every byte before its own line.

/**
 * Counts up when what a line means changes; more kinds of rows alone do not change it. 2: a change has a result, and
 * may have a detail or no repository.
 */
const DUMP_VERSION = 2;

export interface Header {
  readonly version: number;
  readonly scope: DumpScope;
  /** Every kind that may follow, in its order. A reader that does not know one of them would lose rows. */
  readonly kinds: readonly string[];
}

export interface End {
  readonly kind: 'end';
  readonly rows: Readonly<Record<string, number>>;
  readonly sha256: string;
}

/** Why a dump cannot be loaded: not whole or changed, made by a later version, or only good for comparing. */
export type DumpFailure = 'damaged' | 'newer' | 'logical';

export class DumpError extends Error {
  readonly failure: DumpFailure;

  constructor(failure: DumpFailure, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'DumpError';
    this.failure = failure;
  }
}

const LOGICAL_KINDS: readonly DumpKind[] = ['blob', 'membership', 'manifest', 'facts', 'tag'];

/** A logical dump leaves these out: when content came to a repository is not known to storage. */
const NOT_LOGICAL: readonly string[] = ['createdMs', 'sinceMs'];

export function kindsOf(scope: DumpScope): readonly DumpKind[] {
  return scope === 'all' ? DUMP_KINDS : LOGICAL_KINDS;
}

export function formatHeader(scope: DumpScope): string {
  return formatLine({ octoserve: 'dump', version: DUMP_VERSION, scope, kinds: kindsOf(scope) });
}

/** A row with its members in their order, those without a value left out. */
export function formatRow(row: DumpRow, scope: DumpScope): string {
  const values = row as Readonly<Record<string, unknown>>;
  const names = Object.keys(FIELDS[row.kind]).filter((name) => scope === 'all' || !NOT_LOGICAL.includes(name));
  return formatLine({ kind: row.kind, ...Object.fromEntries(names.map((name) => [name, values[name]])) });
}

export function formatEnd(rows: End['rows'], sha256: string): string {
  return formatLine({ kind: 'end', rows, sha256 } satisfies End);
}

function formatLine(value: object): string {
  return `${JSON.stringify(value)}\n`;
}

export function parseHeader(line: string): Header {
  const { octoserve, version, scope, kinds } = parseLine(line);
  if (octoserve !== 'dump') throw new DumpError('damaged', 'this is no dump of Octoserve');
  if (typeof version !== 'number' || (scope !== 'all' && scope !== 'logical') || !isTexts(kinds)) {
    throw new DumpError('damaged', 'its header is not complete');
  }
  const unknown = kinds.filter((kind) => !DUMP_KINDS.some((known) => known === kind));
  if (version > DUMP_VERSION || unknown.length > 0) {
    const why = version > DUMP_VERSION ? `it is of version ${version}` : `it holds ${unknown.join(', ')}`;
    throw new DumpError('newer', `a later version of Octoserve made it (${why}): load it with that one`);
  }
  return { version, scope, kinds };
}

/** The row or the end in a line after the header. */
export function parseRow(line: string): DumpRow | End {
  const { kind, ...members } = parseLine(line);
  if (kind === 'end') return parseEnd(members);
  const known = DUMP_KINDS.find((each) => each === kind);
  if (!known) throw new DumpError('damaged', `it has a row of an unknown kind (${String(kind)})`);
  const values = Object.entries<Read>(FIELDS[known]).map(([name, read]) => {
    const value = read(members[name]);
    if (value === INVALID) throw new DumpError('damaged', `it has a ${known} without a valid ${name}`);
    return [name, value];
  });
  return { kind: known, ...Object.fromEntries(values) } as DumpRow;
}

function parseEnd({ rows, sha256 }: Readonly<Record<string, unknown>>): End {
  const counts = membersOf(rows);
  if (typeof sha256 !== 'string' || !Object.values(counts).every((count) => typeof count === 'number')) {
    throw new DumpError('damaged', 'its end is not complete');
  }
  return { kind: 'end', rows: counts as End['rows'], sha256 };
}

function parseLine(line: string): Readonly<Record<string, unknown>> {
  try {
    return membersOf(JSON.parse(line));
  } catch (cause) {
    throw new DumpError('damaged', 'it has a line that is not JSON', cause);
  }
}

function membersOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'string');
}
