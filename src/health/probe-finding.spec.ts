import { probeFinding } from './probe-finding.js';

describe('probeFinding', () => {
  it('is content when the kernel read what the service wrote', () => {
    expect(probeFinding('s3cret\n', 's3cret')).toBeNull();
  });

  it.each([
    ["FileNotFoundError: [Errno 2] No such file or directory: '/mnt/data'", 'has no /mnt/data'],
    [
      "FileNotFoundError: [Errno 2] No such file or directory: '/mnt/data/probe-from-service'",
      'something else than its workspace',
    ],
    ["PermissionError: [Errno 13] Permission denied: '/mnt/data/x'", 'may not write'],
    ["OSError: [Errno 30] Read-only file system: '/mnt/data/x'", 'mounted read-only'],
    ['other\n', 'does not see what the service wrote'],
  ])('says of %s: %s', (answer, words) => {
    const finding = probeFinding(answer, 's3cret');
    expect(finding).toContain(words);
    expect(finding).toContain(answer);
  });
});
