import type { Catalog, DumpRow } from '../catalog/index.ts';

/** So many rows go into one transaction: long enough to be quick, short enough for others to get in between. */
const ROWS_AT_ONCE = 2000;
/** One batch is written while the next is gathered, and no more: rows may come faster than a database takes them. */
const MOST_BATCHES = 2;

/** Gathers rows and restores them in batches, in the order in which they come. */
export class RowWriter {
  readonly #catalog: Pick<Catalog, 'run'>;
  #rows: DumpRow[] = [];
  #batches = 0;
  #written: Promise<void> = Promise.resolve();

  constructor(catalog: Pick<Catalog, 'run'>) {
    this.#catalog = catalog;
  }

  /** Takes rows that belong together; resolves when there is room for more. */
  async add(...rows: readonly DumpRow[]): Promise<void> {
    this.#rows.push(...rows);
    if (this.#rows.length >= ROWS_AT_ONCE) this.#begin();
    if (this.#batches >= MOST_BATCHES) await this.#written;
  }

  /** Resolves when all that came so far is committed. */
  async flush(): Promise<void> {
    this.#begin();
    await this.#written;
  }

  #begin(): void {
    const rows = this.#rows;
    this.#rows = [];
    this.#batches += 1;
    this.#written = this.#written.then(() => this.#write(rows)).finally(() => (this.#batches -= 1));
    this.#written.catch(() => undefined); // whoever comes next is told
  }

  async #write(rows: readonly DumpRow[]): Promise<void> {
    if (rows.length > 0) await this.#catalog.run('restoreRows', { rows });
  }
}
