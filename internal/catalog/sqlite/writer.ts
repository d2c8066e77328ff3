import { parentPort, receiveMessageOnPort, workerData, type MessagePort } from 'node:worker_threads';
import { copyLog, createCheckpointer } from './checkpoint.ts';
import type { Connection } from './connection.ts';
import { toCatalogError } from './failures.ts';
import { isDurable, runGroup, type Outcome } from './group.ts';
import { insist, type Patience } from './insist.ts';
import type { Farewell, Reply, Request, WriterData } from './messages.ts';
import { openWriter } from './open.ts';

// The writer thread of a process: all its commands come through here, and what waits is committed together.

/** Keeps a transaction short, so that other processes get their turn and nobody waits for a crowd. */
const MOST_IN_A_GROUP = 128;

const gate = new Int32Array(new SharedArrayBuffer(4));
const patience: Patience = { pause: (ms) => void Atomics.wait(gate, 0, 0, ms), random: Math.random };

if (parentPort) serve(parentPort, workerData as WriterData);

function serve(port: MessagePort, { path, durability }: WriterData): void {
  let connection: Connection;
  try {
    connection = openWriter(path, patience);
  } catch (error) {
    const { failure, message } = toCatalogError(error);
    port.postMessage({ kind: 'farewell', failure, message } satisfies Farewell);
    return port.close();
  }
  const answer = createAnswer(connection, durability === 'full');
  const checkpoint = createCheckpointer(connection, patience);
  port.on('message', (first: Request) => {
    const waiting = [first];
    while (waiting.length > 0) {
      for (let more; (more = receiveMessageOnPort(port));) waiting.push(more.message as Request);
      const group = nextGroup(waiting);
      port.postMessage(answer(group));
      if (group[0]?.kind === 'close') port.close();
      else checkpoint();
    }
  });
}

/** Takes commands from the front of the queue, or the one other request that stands there. */
function nextGroup(waiting: Request[]): readonly Request[] {
  const other = waiting.findIndex(({ kind }) => kind !== 'command');
  return waiting.splice(0, other === 0 ? 1 : Math.min(MOST_IN_A_GROUP, other === -1 ? waiting.length : other));
}

function createAnswer(connection: Connection, mayBeDurable: boolean): (group: readonly Request[]) => readonly Reply[] {
  let full = true;

  /** The level cannot be changed inside a transaction: it is set for the whole group before it begins. */
  function begin(durable: boolean): void {
    if (full !== durable) connection.exec(`pragma synchronous = ${durable ? 'full' : 'normal'}`);
    full = durable;
    insist(() => connection.exec('begin immediate'), patience);
  }

  return (group) => {
    const calls = group.filter((request) => request.kind === 'command');
    if (calls.length > 0) {
      const outcomes = runGroup(connection, calls, () => begin(mayBeDurable && isDurable(calls)));
      return outcomes.map((outcome, index) => toReply(calls[index]?.id ?? 0, outcome));
    }
    return group.map(({ id, kind }) => toReply(id, serveOther(connection, kind)));
  };
}

function serveOther(connection: Connection, kind: Request['kind']): Outcome {
  try {
    if (kind === 'close') {
      copyLog(connection, 'truncate');
      connection.close();
    } else {
      connection.ask('select name from migrations limit 1');
    }
    return { kind: 'done', value: undefined };
  } catch (error) {
    return { kind: 'failed', error: toCatalogError(error) };
  }
}

function toReply(id: number, outcome: Outcome): Reply {
  if (outcome.kind === 'done') return { id, kind: 'done', value: outcome.value };
  return { id, kind: 'failed', failure: outcome.error.failure, message: outcome.error.message };
}
