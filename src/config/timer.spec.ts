import { timerMs } from './timer.js';

describe('timerMs', () => {
  it('turns seconds into whole milliseconds', () => {
    expect(timerMs(1.5)).toBe(1500);
    expect(timerMs(0.0001)).toBe(1);
  });

  it('stays below what makes a timer fire at once', () => {
    expect(timerMs(1e12)).toBe(2_147_483_647);
  });
});
