import { ReadyDemand } from './ready-demand.js';

describe('ReadyDemand', () => {
  it('starts with the fewest and doubles up to the most while new messages find none', () => {
    const demand = new ReadyDemand({ min: 1, max: 5 });
    const targets = [demand.target];
    for (let miss = 0; miss < 3; miss += 1) {
      demand.missed();
      targets.push(demand.target);
    }
    expect(targets).toEqual([1, 2, 4, 5]);
  });

  it('falls by one for each period with some left, down to the fewest', () => {
    const demand = new ReadyDemand({ min: 1, max: 4 });
    demand.missed();
    demand.missed();
    demand.relax();
    expect(demand.target).toBe(4);
    demand.taken(2);
    demand.relax();
    demand.relax();
    demand.relax();
    demand.relax();
    expect(demand.target).toBe(1);
  });

  it('stays while the last one is taken now and then', () => {
    const demand = new ReadyDemand({ min: 0, max: 4 });
    demand.missed();
    demand.relax();
    demand.taken(0);
    demand.relax();
    expect(demand.target).toBe(1);
  });

  it('wants none where none are allowed', () => {
    const demand = new ReadyDemand({ min: 1, max: 0 });
    demand.missed();
    expect(demand.target).toBe(0);
  });
});
