import { restartDelay, RestartSchedule } from './restart-schedule.js';

describe('restartDelay', () => {
  it('is nothing at first, then grows up to half a minute', () => {
    expect([0, 1, 2, 3, 4, 5, 6, 100].map(restartDelay)).toEqual([
      0, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000,
    ]);
  });
});

describe('RestartSchedule', () => {
  beforeEach(() => import.meta.jest.useFakeTimers());
  afterEach(() => import.meta.jest.useRealTimers());

  it('restarts at once, then later, and at once again after a healthy life', () => {
    const schedule = new RestartSchedule();
    let restarts = 0;
    const restart = (): void => void (restarts += 1);
    schedule.next(100, restart);
    expect([restarts, schedule.isWaiting]).toEqual([1, false]);
    schedule.next(100, restart);
    expect([restarts, schedule.isWaiting]).toEqual([1, true]);
    import.meta.jest.advanceTimersByTime(1000);
    expect([restarts, schedule.isWaiting]).toEqual([2, false]);
    schedule.next(60_000, restart);
    expect(restarts).toBe(3);
  });

  it('can be cancelled', () => {
    const schedule = new RestartSchedule();
    let restarts = 0;
    schedule.next(0, () => (restarts += 1));
    schedule.next(0, () => (restarts += 1));
    schedule.cancel();
    import.meta.jest.advanceTimersByTime(60_000);
    expect([restarts, schedule.isWaiting]).toEqual([1, false]);
  });
});
