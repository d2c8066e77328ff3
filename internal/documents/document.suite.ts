import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { DocumentPlace } from './types.ts';

export interface TestedPlace {
  /** As a program has it. Each call gives another. */
  open(): Promise<DocumentPlace>;
  /** As a further program has it that writes to the same document. */
  openOther(): Promise<DocumentPlace>;
  close(): Promise<void>;
}

const bytes = (text: string): Uint8Array => Buffer.from(text);

/** What every place of a document promises. */
export function describeDocument(name: string, start: () => Promise<TestedPlace>): void {
  describe(`Document contract: ${name}`, () => {
    let tested: TestedPlace;
    let place: DocumentPlace;
    let other: DocumentPlace;
    beforeEach(async () => {
      tested = await start();
      place = await tested.open();
      other = await tested.openOther();
    });
    afterEach(async () => {
      await Promise.all([place.close(), other.close()]);
      await tested.close();
    });

    const loaded = async (from: DocumentPlace): Promise<string | undefined> => {
      const found = await from.load();
      return found && Buffer.from(found.bytes).toString();
    };

    it('knows of none at first, and says that it could be used', async () => {
      expect(await place.load()).toBeUndefined();
      expect(await place.findState()).toBeUndefined();
      await place.check();
    });

    it('has what was persisted, for everybody', async () => {
      expect(await place.persist(bytes('{"a":1}'), undefined)).toMatchObject({ kind: 'persisted' });
      expect(await loaded(place)).toBe('{"a":1}');
      expect(await loaded(other)).toBe('{"a":1}');
    });

    it('replaces what was persisted before, by the state that was told then', async () => {
      const first = await place.persist(bytes('1'), undefined);
      expect(first).toEqual({ kind: 'persisted', state: (await place.load())?.state });
      expect(first).toEqual({ kind: 'persisted', state: await other.findState() });
      const second = await place.persist(bytes('22'), first.kind === 'persisted' ? first.state : undefined);
      expect(second).toMatchObject({ kind: 'persisted' });
      expect(await loaded(other)).toBe('22');
    });

    it('makes none where there is one already', async () => {
      await other.persist(bytes('theirs'), undefined);
      expect(await place.persist(bytes('ours'), undefined)).toEqual({ kind: 'changed' });
      expect(await loaded(place)).toBe('theirs');
    });

    it('replaces nothing that somebody else has written meanwhile', async () => {
      await place.persist(bytes('1'), undefined);
      const seen = await place.load();
      await other.persist(bytes('theirs'), (await other.load())?.state);
      expect(await place.persist(bytes('ours'), seen?.state)).toEqual({ kind: 'changed' });
      expect(await loaded(place)).toBe('theirs');
      expect(await place.persist(bytes('both'), (await place.load())?.state)).toMatchObject({ kind: 'persisted' });
    });

    it('keeps bytes as they are', async () => {
      const odd = Uint8Array.from({ length: 256 }, (_, at) => at);
      await place.persist(odd, undefined);
      expect(Buffer.from((await place.load())?.bytes ?? []).equals(odd)).toBe(true);
    });
  });
}
