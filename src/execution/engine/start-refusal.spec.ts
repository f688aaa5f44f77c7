import { isFull, startRefusal } from './start-refusal.js';

/** What Enterprise Gateway 3.3 answers. */
describe('startRefusal', () => {
  it.each([
    [
      '{"reason": "User \'root\' is not authorized to start kernel \'Python 3\'.", "message": ""}',
      'KERNEL_USERNAME',
    ],
    [
      '{"reason": "Failed to authenticate SSHClient with password-less SSH", "message": ""}',
      'may not log in',
    ],
    [
      '{"reason": "KernelID: \'1\' launch timeout due to: Waited too long (30.0s) to get connection file", "message": ""}',
      'EG_KERNEL_LAUNCH_TIMEOUT',
    ],
    [
      '{"reason": "Bad Request", "message": "Environment variable \'KERNEL_X\' exceeds maximum length"}',
      'KERNEL_ENV',
    ],
  ])('tells what %s means', (answer, words) => {
    expect(startRefusal(answer)).toContain(words);
  });

  it.each([
    '{"message": "Forbidden", "reason": null}',
    '',
    '{"message": "\'_xsrf\' argument missing from POST"}',
  ])('takes %s for no answer to the request', (answer) => {
    expect(startRefusal(answer)).toBeNull();
  });
});

describe('isFull', () => {
  it.each([
    ['{"reason": "Forbidden", "message": "Resource Limit"}', true],
    [
      '{"reason": "Forbidden", "message": "A max kernels per user limit has been set to 1 and user x currently has 1."}',
      true,
    ],
    ['{"message": "Forbidden", "reason": null}', false],
  ])('says of %s: %s', (answer, full) => {
    expect(isFull(answer)).toBe(full);
  });
});
