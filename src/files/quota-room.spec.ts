import { QuotaRoom } from './quota-room.js';

describe('QuotaRoom', () => {
  it('gives place until the bytes are used up, to smaller files after larger ones did not fit', () => {
    const room = new QuotaRoom(Infinity, 10);
    expect([6, 5, 4, 1, 0].map((bytes) => room.take(bytes))).toEqual([true, false, true, false, true]);
  });

  it('counts files, empty ones too', () => {
    const room = new QuotaRoom(2, Infinity);
    expect([0, 0, 0].map((bytes) => room.take(bytes))).toEqual([true, true, false]);
  });

  it('has no place for a user who is past the quota already', () => {
    expect(new QuotaRoom(-3, Infinity).take(0)).toBe(false);
    expect(new QuotaRoom(Infinity, -1).take(0)).toBe(false);
  });
});
