import { Slots } from './slots.js';

const never = new AbortController().signal;

describe('Slots', () => {
  it('bounds runs in all and per user', () => {
    const slots = new Slots({ total: 3, perUser: 2 });
    expect([slots.tryTake('a'), slots.tryTake('a'), slots.tryTake('a')]).toEqual([true, true, false]);
    expect([slots.tryTake('b'), slots.tryTake('b')]).toEqual([true, false]);
  });

  it('serves who waits in order of arrival', async () => {
    const slots = new Slots({ total: 1, perUser: 1 });
    slots.tryTake('a');
    const served: string[] = [];
    const waits = ['b', 'c'].map(async (user) => {
      await slots.take(user, never);
      served.push(user);
      slots.give(user);
    });
    slots.give('a');
    await Promise.all(waits);
    expect(served).toEqual(['b', 'c']);
    expect(slots.stats).toEqual({ running: 0, waiting: 0 });
  });

  it('does not let a user at their own limit hold up others', async () => {
    const slots = new Slots({ total: 2, perUser: 1 });
    slots.tryTake('a');
    const second = slots.take('a', never);
    await slots.take('b', never);
    expect(slots.stats).toEqual({ running: 2, waiting: 1 });
    slots.give('a');
    await second;
    expect(slots.stats).toEqual({ running: 2, waiting: 0 });
  });

  it('does not let a newcomer pass who waits', () => {
    const slots = new Slots({ total: 1, perUser: 1 });
    slots.tryTake('a');
    void slots.take('b', never);
    slots.give('a');
    expect(slots.tryTake('c')).toBe(false);
  });

  it('forgets a waiter that gave up', async () => {
    const slots = new Slots({ total: 1, perUser: 1 });
    slots.tryTake('a');
    const client = new AbortController();
    const wait = slots.take('b', client.signal);
    client.abort(new Error('gone'));
    await expect(wait).rejects.toThrow('gone');
    slots.give('a');
    expect(slots.tryTake('c')).toBe(true);
  });
});
