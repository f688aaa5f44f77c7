import { MessageNumbers } from './message-numbers.js';

function after(first: string, ...ids: string[]): MessageNumbers {
  const numbers = new MessageNumbers(first);
  for (const id of ids) numbers.add(id);
  return numbers;
}

describe('MessageNumbers', () => {
  it.each([
    ['in a row', ['s_1_8', 's_1_9']],
    ['in another order', ['s_1_9', 's_1_8']],
    ['twice', ['s_1_8', 's_1_8', 's_1_9']],
    ['among those of the server', ['ours_5_1', 's_1_8', 'ours_5_9', 's_1_9', 's_1_20']],
  ])('prove that nothing is missing when all came %s', (_, ids) => {
    expect(after('s_1_7', ...ids).isCompleteUntil('s_1_9')).toBe(true);
  });

  it.each([
    ['one is missing', after('s_1_7', 's_1_9')],
    ['the last one came from another process', after('s_2_7', 's_2_8', 's_2_9')],
    ['the kernel does not number', after('a uuid', 's_1_8', 's_1_9')],
    [
      'there is no end to the gaps',
      after('s_1_7', ...Array.from({ length: 1001 }, (_, i) => `s_1_${9 + i}`), 's_1_8'),
    ],
  ])('prove nothing when %s', (_, numbers) => {
    expect(numbers.isCompleteUntil('s_1_9')).toBe(false);
  });

  it('prove nothing when a process that counts for itself had a part', () => {
    const numbers = after('s_1_7', 's_1_8');
    numbers.meet('s_1_8');
    expect(numbers.isCompleteUntil('s_1_8')).toBe(true);
    numbers.meet('s_2_8');
    expect(numbers.isCompleteUntil('s_1_8')).toBe(false);
  });
});
