import { endOfDeadKernel } from './kernel-end.js';

const EXITED = { cause: 'exited', message: 'The kernel ended unexpectedly.' } as const;
const MIB = 1024 ** 2;

describe('endOfDeadKernel', () => {
  it.each([-9, null])('tells that the memory was too little, by exit code %s', (exitCode) => {
    const end = endOfDeadKernel(EXITED, { exitCode, outOfMemory: true }, 512 * MIB);
    expect(end).toMatchObject({ status: 'stopped', reason: { code: 'memory' } });
    expect(end.reason?.message).toContain('512 MiB');
  });

  it('does not blame the memory when a child was ended for it and the kernel exited by itself', () => {
    const end = endOfDeadKernel(EXITED, { exitCode: 3, outOfMemory: true }, MIB);
    expect(end).toMatchObject({ status: 'died', reason: { code: 'exited' } });
    expect(end.reason?.message).toContain('exited with code 3');
  });

  it('names the signal', () => {
    const end = endOfDeadKernel(EXITED, { exitCode: -11, outOfMemory: false }, MIB);
    expect(end.reason?.message).toContain('SIGSEGV');
  });

  it('passes on what it knows no more about', () => {
    const lost = { cause: 'engine_lost', message: 'It is gone.' } as const;
    const reason = { code: 'engine_lost', message: 'It is gone.' };
    expect(endOfDeadKernel(lost, { exitCode: -9, outOfMemory: true }, MIB)).toEqual({
      status: 'died',
      reason,
    });
    expect(endOfDeadKernel(EXITED, null, MIB).reason).toEqual({ code: 'exited', message: EXITED.message });
  });
});
