import { newId } from './id.js';

describe('newId', () => {
  it('gives UUIDs of version 7 that sort as they were made', () => {
    const ids = Array.from({ length: 10_000 }, newId);
    expect(ids[0]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(ids).toEqual([...new Set(ids)].sort());
  });
});
