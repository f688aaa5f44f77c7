import { readFollowed } from './followed.js';

const id = '01890a5d-ac96-774b-bcce-b302099a8057';

describe('an execution to follow', () => {
  it('is followed from its beginning, or behind the event that is named', () => {
    expect(readFollowed(id)).toEqual({ executionId: id, lastEventId: 0 });
    expect(readFollowed(`${id.toUpperCase()}:12`)).toEqual({ executionId: id, lastEventId: 12 });
  });

  it.each([
    '',
    'x',
    `${id}:`,
    `${id}:-1`,
    `${id}:1.5`,
    `${id}:1,2`,
    `${id}:${'1'.repeat(16)}`,
    id.slice(1),
    null,
  ])('is not %j', (text) => {
    expect(readFollowed(text)).toBeNull();
  });
});
