import { describe, expect, it } from '@jest/globals';
import { createTurns } from './turns.ts';

describe('turns', () => {
  it('come one after the other for one name, and beside each other for others', async () => {
    const turns = createTurns(10);
    const [first, order] = [Promise.withResolvers<void>(), [] as string[]];
    const a = turns.run('a', async () => first.promise.then(() => order.push('a1')));
    const again = turns.run('a', async () => order.push('a2'));
    await turns.run('b', async () => order.push('b'));
    expect(order).toEqual(['b']);
    first.resolve();
    await Promise.all([a, again]);
    expect(order).toEqual(['b', 'a1', 'a2']);
  });

  it('go on after one that fails', async () => {
    const turns = createTurns(10);
    const failing = turns.run('a', () => Promise.reject(new Error('no')));
    const next = turns.run('a', async () => 'yes');
    await expect(failing).rejects.toThrow('no');
    expect(await next).toBe('yes');
  });

  it('are refused where too many wait, of whatever name', async () => {
    const turns = createTurns(2);
    const first = Promise.withResolvers<void>();
    const running = ['a', 'b'].map((name) => turns.run(name, () => first.promise));
    const waiting = ['a', 'b'].map((name) => turns.run(name, async () => undefined));
    expect(turns.run('a', async () => undefined)).toBeUndefined();
    expect(turns.run('c', async () => 'c')).toBeDefined();
    first.resolve();
    await Promise.all([...running, ...waiting]);
    expect(await turns.run('a', async () => 'a')).toBe('a');
  });
});
