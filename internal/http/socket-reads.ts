import type { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';

/** Node's parser of HTTP, of which nothing is documented: what it calls is kept under numbers that its class tells. */
interface Parser {
  readonly constructor: { readonly kOnBody?: number; readonly kOnMessageComplete?: number };
  [slot: number]: unknown;
}

interface Handle {
  reading: boolean;
  useUserBuffer(bytes: Uint8Array): void;
  readStart(): number;
}

interface ServedSocket extends Socket {
  readonly parser?: Parser | null;
  readonly _handle?: Handle | null;
}

type OnPart = (this: Parser, part: Uint8Array) => void;

/** Told of bytes that came. True: more may come at once; false: when `go` is called. */
export type OnBytes = (bytes: Uint8Array) => boolean;

/** Where bytes go that only the parser is to see, which has copied what it keeps when the next ones come. */
const PASSING = Buffer.allocUnsafeSlow(64 * 1024);

/**
 * One connection's reads from the system into memory of ours, as `onread` has it for clients. Node's own way for servers
 * costs four times as much of the processor: 64 KiB at a time into a buffer of the parser's, and from there into a new
 * piece of memory each. Where this Node has no such insides, or the connection is encrypted, there is none, and what
 * comes is read in Node's way.
 */
export class SocketReads {
  static readonly #known = new WeakMap<Socket, SocketReads>();
  readonly #socket: ServedSocket;
  readonly #handle: Handle;
  /** Where the next bytes go, once the system has been told. */
  #target: Uint8Array = PASSING;
  /** What the system was told last. */
  #armed: Uint8Array = PASSING;
  #onBytes: OnBytes | undefined;
  #see: ((bytes: Uint8Array, lengths: readonly number[]) => void) | undefined;

  private constructor(socket: ServedSocket, handle: Handle, names: Names) {
    this.#socket = socket;
    this.#handle = handle;
    // Whoever listens for data takes the socket from the parser, which from now on gets to see what we show it.
    const nothing = (): void => undefined;
    socket.on('data', nothing).off('data', nothing);
    Object.assign(socket, {
      [names.buffer]: PASSING,
      [names.next]: () => (this.#armed = this.#target),
      [names.callback]: (count: number, into: Uint8Array) => this.#came(into.subarray(0, count)),
    });
    handle.useUserBuffer(PASSING);
  }

  /** The connection's own; undefined where there is no such way. From the first call on it is read in our way. */
  static of({ socket }: IncomingMessage): SocketReads | undefined {
    const known = SocketReads.#known.get(socket);
    if (known) return known;
    const { parser, _handle: handle } = socket as ServedSocket;
    if (!NAMES || socket.destroyed || typeof parser?.constructor.kOnBody !== 'number') return undefined;
    if (handle?.constructor.name !== 'TCP' || typeof handle.useUserBuffer !== 'function') return undefined;
    const reads = new SocketReads(socket, handle, NAMES);
    SocketReads.#known.set(socket, reads);
    return reads;
  }

  /** Bytes go into `target` from now on, and to `onBytes`; those that come first may be in other memory. */
  direct(target: Uint8Array, onBytes: OnBytes): void {
    this.#target = target;
    this.#onBytes = onBytes;
    this.#socket.resume();
    this.go();
  }

  go(): void {
    if (this.#socket.destroyed || this.#handle.reading) return;
    this.#handle.reading = true;
    this.#handle.readStart();
  }

  /** Ends that: nothing goes into the target any more, and the parser hands over what comes. */
  rest(): void {
    this.#target = PASSING;
    this.#onBytes = undefined;
    if (this.#socket.destroyed) return;
    if (this.#armed !== PASSING) {
      // Node keeps a note of each such call until the connection ends: this is for bodies that are left in the middle.
      this.#handle.useUserBuffer(PASSING);
      if (NAMES) Object.assign(this.#socket, { [NAMES.buffer]: PASSING });
      this.#armed = PASSING;
    }
    if (!this.#socket.isPaused()) this.go();
  }

  /** Has the parser see the bytes without handing over what they have of the present request's body. */
  pass(bytes: Uint8Array): void {
    this.#show(bytes, () => undefined);
  }

  /** Tells of all that is shown to the parser while it hands bodies over, and how long the data was that it found in it. */
  watch(see: ((bytes: Uint8Array, lengths: readonly number[]) => void) | undefined): void {
    this.#see = see;
  }

  #came(bytes: Uint8Array): boolean {
    if (this.#onBytes) return this.#onBytes(bytes);
    const see = this.#see;
    if (!see) {
      this.#socket.emit('data', bytes);
      return true;
    }
    const lengths: number[] = [];
    this.#show(bytes, (onBody) => {
      return function count(this: Parser, part: Uint8Array): void {
        lengths.push(part.length);
        onBody.call(this, part);
      };
    });
    see(bytes, lengths);
    return true;
  }

  /** Shows the bytes to the parser, which tells of the present request's body as `telling` says: not at all without. */
  #show(bytes: Uint8Array, telling: (onBody: OnPart) => OnPart | undefined): void {
    const { parser } = this.#socket;
    const { kOnBody, kOnMessageComplete } = parser?.constructor ?? {};
    if (!parser || kOnBody === undefined || kOnMessageComplete === undefined) return;
    const onBody = parser[kOnBody] as OnPart;
    const onComplete = parser[kOnMessageComplete] as (this: Parser) => void;
    const restore = (): void => {
      parser[kOnBody] = onBody;
      parser[kOnMessageComplete] = onComplete;
    };
    parser[kOnBody] = telling(onBody);
    parser[kOnMessageComplete] = function complete(this: Parser): void {
      restore(); // what follows is the next request
      onComplete.call(this);
    };
    try {
      this.#socket.emit('data', bytes);
    } finally {
      restore();
    }
  }
}

interface Names {
  readonly buffer: symbol;
  readonly next: symbol;
  readonly callback: symbol;
}

/** Under which names a socket keeps what `onread` says: found by giving one some, since they are nowhere told. */
function findNames(): Names | undefined {
  const [buffer, next, callback] = [new Uint8Array(1), () => new Uint8Array(1), () => true];
  const nameOf = (value: unknown, given: Uint8Array | (() => Uint8Array)): symbol | undefined => {
    const socket = new Socket({ onread: { buffer: given, callback } });
    const members = socket as unknown as Readonly<Record<symbol, unknown>>;
    return Object.getOwnPropertySymbols(socket).find((name) => members[name] === value);
  };
  const names = { buffer: nameOf(buffer, buffer), next: nameOf(next, next), callback: nameOf(callback, buffer) };
  return names.buffer && names.next && names.callback ? (names as Names) : undefined;
}

const NAMES = findNames();
