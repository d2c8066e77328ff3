import { EventEmitter } from 'node:events';
import type { Worker } from 'node:cluster';
import { describe, expect, it } from '@jest/globals';
import type { FromPrimary } from './messages.ts';
import { createGatherer } from './snapshots.ts';

class FakeWorker extends EventEmitter {
  readonly asks: number[] = [];
  readonly #name: string;

  constructor(name: string) {
    super();
    this.#name = name;
  }
  isConnected(): boolean {
    return true;
  }
  send(message: FromPrimary): void {
    if (message.kind === 'snapshot') this.asks.push(message.ask);
  }
  answer(ask = this.asks.at(-1)): void {
    this.emit('message', { kind: 'snapshot', ask, snapshot: [{ name: this.#name }] });
  }
}

function gatherFrom(...workers: FakeWorker[]) {
  return createGatherer(() => workers as unknown as Worker[]);
}

describe('createGatherer', () => {
  it('gives the metrics of every process', async () => {
    const [one, two] = [new FakeWorker('one'), new FakeWorker('two')];
    const gathered = gatherFrom(one, two)();
    one.answer();
    two.answer();
    expect(await gathered).toEqual([[{ name: 'one' }], [{ name: 'two' }]]);
  });

  it('asks each process once for as many scrapes as come meanwhile', async () => {
    const worker = new FakeWorker('one');
    const gather = gatherFrom(worker);
    const gathered = Array.from({ length: 20 }, () => gather());
    expect(worker.listenerCount('message')).toBe(1);
    worker.answer();
    expect(await Promise.all(gathered)).toEqual(Array(20).fill([[{ name: 'one' }]]));
    expect(worker.asks).toHaveLength(1);
  });

  it('asks anew when all had answered, and listens to no earlier answer', async () => {
    const worker = new FakeWorker('one');
    const gather = gatherFrom(worker);
    const first = gather();
    worker.answer();
    await first;
    const second = gather();
    const [earlier, later] = worker.asks;
    worker.answer(earlier);
    expect(worker.listenerCount('message')).toBe(1);
    worker.answer(later);
    expect(await second).toEqual([[{ name: 'one' }]]);
    expect(worker.eventNames()).toEqual([]);
  });

  it('does not wait for a process that ends', async () => {
    const [one, two] = [new FakeWorker('one'), new FakeWorker('two')];
    const gathered = gatherFrom(one, two)();
    one.answer();
    two.emit('exit', null, 'SIGKILL');
    expect(await gathered).toEqual([[{ name: 'one' }]]);
  });
});
