import { expect, it } from '@jest/globals';
import { AtOnce } from './at-once.ts';

it('runs so many at once, and the others in order', async () => {
  const atOnce = new AtOnce(2);
  const begun: number[] = [];
  const ends = Array.from({ length: 5 }, () => Promise.withResolvers<void>());
  const all = ends.map(({ promise }, index) =>
    atOnce.run(async () => {
      begun.push(index);
      await promise;
      return index;
    }),
  );
  expect(begun).toEqual([0, 1]);
  ends[1]?.resolve();
  expect(await all[1]).toBe(1);
  expect(begun).toEqual([0, 1, 2]);
  for (const { resolve } of ends) resolve();
  expect(await Promise.all(all)).toEqual([0, 1, 2, 3, 4]);
  expect(begun).toEqual([0, 1, 2, 3, 4]);
});

it('lets the next one run where one fails', async () => {
  const atOnce = new AtOnce(1);
  const failing = atOnce.run(() => Promise.reject(new Error('EIO')));
  const next = atOnce.run(async () => 'read');
  await expect(failing).rejects.toThrow('EIO');
  expect(await next).toBe('read');
  expect(await atOnce.run(async () => 'again')).toBe('again');
});
