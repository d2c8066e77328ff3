/** The locks on rows that PostgreSQL has, the weakest first. */
export type LockMode = 'key share' | 'share' | 'no key update' | 'update';

const STRENGTH: Readonly<Record<LockMode, number>> = { 'key share': 0, share: 1, 'no key update': 2, update: 3 };
/** https://www.postgresql.org/docs/current/explicit-locking.html, row-level lock conflicts */
const CONFLICTS: Readonly<Record<LockMode, ReadonlySet<LockMode>>> = {
  'key share': new Set<LockMode>(['update']),
  share: new Set<LockMode>(['no key update', 'update']),
  'no key update': new Set<LockMode>(['share', 'no key update', 'update']),
  update: new Set<LockMode>(['key share', 'share', 'no key update', 'update']),
};

export type Values = Readonly<Record<string, unknown>>;

/** A transaction: what it locked and wrote, until it ends. */
export interface Transaction {
  readonly id: number;
  readonly locked: Set<Row>;
  readonly named: Set<string>;
  isOver: boolean;
}

/** A row through time. `values` is undefined where there is none. */
interface Version {
  readonly since: number;
  readonly values: Values | undefined;
}

/** All that was ever under one key of a table. */
export class Row {
  readonly versions: Version[] = [];
  readonly locks = new Map<Transaction, LockMode>();
  /** What a transaction wrote that is not over. */
  written: { readonly by: Transaction; readonly values: Values | undefined } | undefined;

  /** As a statement sees it that began at `moment`. */
  seen(moment: number, by: Transaction): Values | undefined {
    if (this.written?.by === by) return this.written.values;
    for (let index = this.versions.length - 1; index >= 0; index -= 1) {
      const version = this.versions[index];
      if (version && version.since <= moment) return version.values;
    }
    return undefined;
  }

  /** As it is by now, whatever the statement sees. */
  latest(by: Transaction): Values | undefined {
    return this.written?.by === by ? this.written.values : this.versions.at(-1)?.values;
  }

  isNewerThan(moment: number): boolean {
    return (this.versions.at(-1)?.since ?? 0) > moment;
  }

  /** Who keeps the transaction from such a lock. */
  rivals(mode: LockMode, by: Transaction): readonly Transaction[] {
    return [...this.locks]
      .filter(([holder, held]) => holder !== by && CONFLICTS[mode].has(held))
      .map(([holder]) => holder);
  }

  lock(mode: LockMode, by: Transaction): void {
    const held = this.locks.get(by);
    if (!held || STRENGTH[held] < STRENGTH[mode]) this.locks.set(by, mode);
    by.locked.add(this);
  }

  write(values: Values | undefined, by: Transaction): void {
    this.written = { by, values };
    by.locked.add(this);
  }

  /** Takes the transaction's word for it, or takes it back. */
  end(by: Transaction, committed: number | undefined): void {
    if (this.written?.by === by) {
      if (committed !== undefined) this.versions.push({ since: committed, values: this.written.values });
      this.written = undefined;
    }
    this.locks.delete(by);
  }
}
