import { fork, type ChildProcess } from 'node:child_process';
import { extname, join } from 'node:path';
import { CliError } from '../../../internal/cli/index.ts';
import { Histogram } from '../statistics/histogram.ts';
import type { Load, LoadResult } from './load.ts';
import type { FromGenerator, ToGenerator } from './messages.ts';

/** A load for all generators together. */
export type SharedLoad = Omit<Load, 'label' | 'seed'> & Readonly<{ label: string }>;

/** What all generators did together in one round. */
export interface Round {
  readonly operations: number;
  /** Of all requests, as they should be. */
  readonly answers: number;
  readonly elapsedMs: number;
  readonly latency: Histogram;
  readonly receivedBytes: number;
  readonly sentBytes: number;
  readonly errors: Readonly<Record<string, number>>;
  /** How many of them were a 429 or 503 that said when to come again. */
  readonly refused: number;
  /** Tags of images whose push was acknowledged, where that is checked. */
  readonly pushed: readonly string[];
  /** Of the busiest generator: near 1, it is the generator that was measured. */
  readonly busy: number;
}

/** Processes that make load together. */
export interface Pool {
  /** Runs the load on this many processes at once; more are started as they are needed. */
  run(load: SharedLoad, processes: number): Promise<Round>;
  close(): Promise<void>;
}

const PROGRAM = join(import.meta.dirname, `process${extname(import.meta.filename)}`);

class Generator {
  readonly #child: ChildProcess = fork(PROGRAM, {
    serialization: 'advanced',
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });

  /** Says something, and resolves with the answer. */
  ask<Kind extends FromGenerator['kind']>(message: ToGenerator, kind: Kind): Promise<FromGenerator & { kind: Kind }> {
    const child = this.#child;
    return new Promise((resolve, reject) => {
      const onMessage = (answer: FromGenerator): void => {
        child.off('exit', onExit);
        if (answer.kind === kind) resolve(answer as FromGenerator & { kind: Kind });
        else reject(new CliError(answer.kind === 'failed' ? answer.message : `a generator said ${answer.kind}`));
      };
      const onExit = (): void => {
        child.off('message', onMessage);
        reject(new Error('a generator has ended'));
      };
      child.once('message', onMessage).once('exit', onExit);
      child.send(message);
    });
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#child.exitCode !== null) return resolve();
      this.#child.once('exit', () => resolve());
      this.#child.disconnect();
    });
  }
}

/** What several generators did at the same time, as one. */
export function mergeResults(results: readonly LoadResult[]): Round {
  const latency = new Histogram();
  const errors: Record<string, number> = {};
  for (const result of results) {
    latency.add(new Histogram(result.latency));
    for (const [what, count] of Object.entries(result.errors)) errors[what] = (errors[what] ?? 0) + count;
  }
  const sum = (of: (result: LoadResult) => number): number => results.reduce((all, result) => all + of(result), 0);
  return {
    operations: sum(({ operations }) => operations),
    answers: sum(({ answers }) => answers),
    elapsedMs: Math.max(0, ...results.map(({ elapsedMs }) => elapsedMs)),
    latency,
    receivedBytes: sum(({ receivedBytes }) => receivedBytes),
    sentBytes: sum(({ sentBytes }) => sentBytes),
    errors,
    refused: sum(({ refused }) => refused),
    pushed: results.flatMap(({ pushed }) => pushed),
    busy: Math.max(0, ...results.map(({ busy }) => busy)),
  };
}

/** The connections of each process: as even as can be, none without any. */
export function shareOut(connections: number, processes: number): readonly number[] {
  const count = Math.min(connections, processes);
  return Array.from({ length: count }, (_, index) => Math.floor((connections + index) / count));
}

export function createPool(): Pool {
  const generators: Generator[] = [];
  return {
    async run({ label, ...load }, processes) {
      const shares = shareOut(load.connections, processes);
      while (generators.length < shares.length) generators.push(new Generator());
      const team = shares.map((connections, index) => ({
        connections,
        index,
        generator: generators[index] as Generator,
      }));
      await Promise.all(
        team.map(({ connections, index, generator }) => {
          const own: Load = { ...load, connections, label: `${label}${index}`, seed: index + 1 };
          return generator.ask({ kind: 'prepare', load: own }, 'ready');
        }),
      );
      const done = await Promise.all(team.map(({ generator }) => generator.ask({ kind: 'go' }, 'done')));
      return mergeResults(done.map(({ result }) => result));
    },
    async close() {
      await Promise.all(generators.map((generator) => generator.close()));
    },
  };
}
