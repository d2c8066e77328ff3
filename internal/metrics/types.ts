/** One value for each label name. Values come from closed sets: never a repository, a user or a path that clients choose. */
export type Labels<Name extends string> = Readonly<Record<Name, string>>;

export interface Counter<Name extends string> {
  /** The series of these label values, shown from now on; bind it once and keep it where it is used often. */
  with(labels: Labels<Name>): { add(count: number): void };
}

export interface Histogram<Name extends string> {
  /** The series of these label values; bind it once and keep it where it is used often. */
  with(labels: Labels<Name>): { observe(value: number): void };
}

export interface Gauge<Name extends string> {
  /** The series of these label values, shown from now on. */
  with(labels: Labels<Name>): { set(value: number): void; add(difference: number): void };
}

export interface GaugeOptions<Name extends string> {
  readonly labels?: readonly Name[];
  /** Sets the present values whenever somebody looks. Where it fails the last values stay. */
  readonly collect?: (gauge: Gauge<Name>) => void | Promise<void>;
  /** How the values of several processes become one: the sum unless said otherwise. */
  readonly merge?: 'sum' | 'max' | 'min' | 'average' | 'first';
}

/** The text of a scrape with its Content-Type. */
export interface Exposition {
  readonly contentType: string;
  readonly text: string;
}

/** All series of one process as plain data, fit for a message to another process. */
export type MetricsSnapshot = readonly Readonly<Record<string, unknown>>[];

/** The metrics of one process. Each room declares its own; a name declared twice is a bug and throws. */
export interface Metrics {
  counter<const Name extends string>(name: string, help: string, labels: readonly Name[]): Counter<Name>;
  histogram<const Name extends string>(
    name: string,
    help: string,
    labels: readonly Name[],
    buckets: readonly number[],
  ): Histogram<Name>;
  gauge<const Name extends string = never>(name: string, help: string, options?: GaugeOptions<Name>): Gauge<Name>;
  /** Everything in Prometheus text. */
  expose(): Promise<Exposition>;
  /** Everything as data, for `exposeMerged` in the process that answers for all. */
  snapshot(): Promise<MetricsSnapshot>;
}
