import { run, tellsOfNetwork, which } from './command.mjs';

const node = process.execPath;

describe('a program', () => {
  it('gives its output of both streams and its code', async () => {
    const program = 'console.log("out"); console.error("err"); process.exitCode = 3';
    const { ok, code, output } = await run(node, ['-e', program], { minutes: 1 });
    expect({ ok, code }).toEqual({ ok: false, code: 3 });
    expect(output.split('\n').sort()).toEqual(['', 'err', 'out']);
  });

  it('that is not there is an outcome, which says so', async () => {
    const outcome = await run('no-such-program', [], { minutes: 1 });
    expect(outcome).toEqual({ ok: false, code: null, output: 'spawn no-such-program ENOENT' });
  });

  it('ends at its deadline, and its children with it', async () => {
    // The shell waits for its child, whose end of the pipe would keep us waiting too.
    const outcome = await run('sh', ['-c', 'sleep 600; true'], { minutes: 0.2 / 60 });
    expect(outcome).toMatchObject({ ok: false, code: null });
  });

  it('ends when the caller says so', async () => {
    const signal = AbortSignal.timeout(100);
    expect(await run('sleep', ['600'], { minutes: 1, signal })).toMatchObject({ ok: false, code: null });
  });

  it('is found on PATH', () => {
    expect(which('sh')).toMatch(/\/sh$/);
    expect(which('no-such-program')).toBeNull();
  });
});

describe('the output of a package manager', () => {
  it.each([
    'npm error errno EAI_AGAIN',
    'npm error code ENOTFOUND',
    "NewConnectionError('<pip._vendor...>: Failed to establish a new connection: [Errno -3] Temporary failure in name resolution')",
  ])('tells of the network: %s', (output) => {
    expect(tellsOfNetwork(output)).toBe(true);
  });

  it('tells of something else', () => {
    expect(tellsOfNetwork('npm error code EUSAGE')).toBe(false);
  });
});
