import { interleaved, perSecond, quantile, summarise } from './statistics.js';

describe('statistics', () => {
  it('summarises by values that occurred', () => {
    expect(summarise([5, 1, 4, 2, 3])).toEqual({ value: 3, p95: 5 });
    expect(quantile([10, 20], 0.5)).toBe(20);
    expect(() => summarise([])).toThrow(RangeError);
  });

  it('measures contestants in turn', async () => {
    const order: string[] = [];
    const contestant = (name: string) => (round: number) => {
      order.push(`${name}${round}`);
      return Promise.resolve(round);
    };
    await interleaved(2, { a: contestant('a'), b: contestant('b') });
    expect(order).toEqual(['a0', 'b0', 'a1', 'b1']);
  });

  it('keeps so many calls under way', async () => {
    let running = 0;
    let most = 0;
    await perSecond(3, 0.02, async () => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setTimeout(resolve, 1));
      running -= 1;
    });
    expect(most).toBe(3);
  });
});
