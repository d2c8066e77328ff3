import { describe, expect, it } from '@jest/globals';
import { statement } from './statement.ts';
import { drive, driveAsync, each, row, type Step } from './step.ts';

const doubled = statement<{ n: number }>()((q) => q.selectFrom('cursors').select('sequence'));

function* sum(ns: readonly number[]) {
  const first = yield* row(doubled, { n: 1 });
  const rest = yield* each(
    doubled,
    ns.map((n) => ({ n })),
  );
  return [first, ...rest].map((found) => found?.sequence);
}
const answer = ({ params }: Step): { sequence: number } => ({ sequence: 2 * Number(params['n']) });

describe('work in steps', () => {
  it('comes to the same whether its engine waits or not', async () => {
    const ns = Array.from({ length: 2500 }, (_, i) => i);
    const expected = [2, ...ns.map((n) => 2 * n)];
    expect(drive(sum(ns), answer)).toEqual(expected);
    expect(await driveAsync(sum(ns), async (step) => answer(step))).toEqual(expected);
  });

  it('asks the steps of a list at once and in their order, but never more than a thousand', async () => {
    const [asked, most]: [unknown[], number[]] = [[], []];
    let open = 0;
    await driveAsync(sum(Array.from({ length: 2500 }, (_, i) => i)), async (step) => {
      asked.push(step.params['n']);
      most.push((open += 1));
      await new Promise(setImmediate);
      open -= 1;
      return answer(step);
    });
    expect(asked.slice(1)).toEqual(asked.slice(1).map((_, i) => i));
    expect(Math.max(...most)).toBe(1000);
  });

  it('yields nothing for an empty list', () => {
    expect(drive(each(doubled, []), () => expect('a step').toBe('none'))).toEqual([]);
  });

  it('ends with the failure of a step', async () => {
    const fail = async (): Promise<never> => {
      throw new Error('no');
    };
    await expect(driveAsync(sum([1, 2]), fail)).rejects.toThrow('no');
  });
});
