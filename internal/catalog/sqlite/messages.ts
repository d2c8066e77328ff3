import type { CatalogFailure } from '../types.ts';
import type { Call } from './group.ts';

/** What the writer thread is given when it starts. */
export interface WriterData {
  readonly path: string;
  readonly durability: Durability;
}

/** `full`: durable commands are on stable storage when answered; `os`: when the operating system has them. */
export type Durability = 'full' | 'os';

/** To the writer thread. */
export type Request = Readonly<{ id: number } & (({ kind: 'command' } & Call) | { kind: 'check' } | { kind: 'close' })>;

/** From it. A message is a list of these: the answers of one group. */
export type Reply = Readonly<
  { id: number } & ({ kind: 'done'; value: unknown } | { kind: 'failed'; failure: CatalogFailure; message: string })
>;

/** The thread's last message where it could not open the catalog or cannot go on. */
export type Farewell = Readonly<{ kind: 'farewell'; failure: CatalogFailure; message: string }>;
