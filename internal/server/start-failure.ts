/** What may keep a server from starting, in the order in which it is opened. */
export type StartPart = 'storage' | 'catalog' | 'auth' | 'facades';

/** A server that cannot start, for what a part of it threw, which is `cause`. */
export class StartFailure extends Error {
  readonly part: StartPart;

  constructor(part: StartPart, cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.name = 'StartFailure';
    this.part = part;
  }
}

/** Opens a part of the server; throws a StartFailure. */
export async function opening<Opened>(part: StartPart, open: () => Opened | Promise<Opened>): Promise<Opened> {
  try {
    return await open();
  } catch (failure) {
    throw new StartFailure(part, failure);
  }
}
