import { LookupCache } from './lookup-cache.js';

function aCache(capacity = 10) {
  const clock = { now: 0 };
  return { clock, cache: new LookupCache<string>({ ttlMs: 100, capacity, now: () => clock.now }) };
}

function aLookup(value: string | null) {
  const lookup = { count: 0, load: async () => await Promise.resolve(value) };
  const { load } = lookup;
  lookup.load = async () => {
    lookup.count += 1;
    return await load();
  };
  return lookup;
}

describe('LookupCache', () => {
  it('looks up again only after its time', async () => {
    const { clock, cache } = aCache();
    const lookup = aLookup('x');
    await cache.get('a', lookup.load);
    clock.now = 99;
    expect(await cache.get('a', lookup.load)).toBe('x');
    expect(lookup.count).toBe(1);
    clock.now = 100;
    await cache.get('a', lookup.load);
    expect(lookup.count).toBe(2);
  });

  it('does not remember that there was nothing', async () => {
    const { cache } = aCache();
    expect(await cache.get('a', aLookup(null).load)).toBeNull();
    expect(await cache.get('a', aLookup('x').load)).toBe('x');
  });

  it('does not remember what was read before it was cleared', async () => {
    const { cache } = aCache();
    let answer: (value: string) => void = () => undefined;
    const reading = cache.get('a', () => new Promise<string>((resolve) => (answer = resolve)));
    cache.clear();
    answer('revoked meanwhile');
    await reading;
    expect(await cache.get('a', aLookup('fresh').load)).toBe('fresh');
  });

  it('forgets the oldest past its capacity', async () => {
    const { cache } = aCache(2);
    for (const key of ['a', 'b', 'c']) await cache.get(key, aLookup(key).load);
    expect(await cache.get('c', aLookup('again').load)).toBe('c');
    expect(await cache.get('a', aLookup('again').load)).toBe('again');
  });
});
