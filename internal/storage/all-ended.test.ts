import { setImmediate } from 'node:timers/promises';
import { expect, it } from '@jest/globals';
import { allEnded } from './all-ended.ts';

it('waits for all, also after one has failed, and fails as the first in the list', async () => {
  const [slow, quick] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  let outcome: unknown;
  const ended = allEnded([slow.promise, quick.promise]).catch((failure: unknown) => (outcome = failure));
  quick.reject(new Error('the second'));
  for (let turn = 0; turn < 10; turn += 1) await setImmediate();
  expect(outcome).toBeUndefined();
  slow.reject(new Error('the first'));
  await ended;
  expect(outcome).toMatchObject({ message: 'the first' });
});

it('resolves when all have ended well', async () => {
  expect(await allEnded([Promise.resolve(), setImmediate()])).toBeUndefined();
  expect(await allEnded([])).toBeUndefined();
});
