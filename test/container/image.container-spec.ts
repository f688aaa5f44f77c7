import { freePort } from '../support/free-port.js';
import { unlike, walkTour } from '../tour/walk.js';
import { IMAGE, OPTIONS_FOR_ROOMS, RUN_OPTIONS, tokenIn, tool, untilReady } from './container-tool.js';

const NAME = 'mntdata-under-test';

describe('the image', () => {
  it('says what it lacks where the container forbids rooms', async () => {
    const { code, text } = await tool('run', '--rm', IMAGE);
    expect(code).toBe(1);
    expect(text).toContain('The container forbids namespaces or mounts, which rooms are made of');
    expect(text).toContain('--security-opt seccomp=');
  }, 120_000);

  it('says what it can run', async () => {
    const { code, text } = await tool('run', '--rm', IMAGE, 'bash');
    expect(code).toBe(2);
    expect(text).toContain('"bash" is nothing that this image runs: start, engine.');
  }, 120_000);

  it('has no build tools, and nobody of its own is root', async () => {
    const script =
      'id -u; command -v npm npx yarn pip gcc make; ls node_modules/.bin | grep -xE "nest|vite|jest|eslint"; echo $?';
    const { stdout } = await tool('run', '--rm', '--entrypoint', 'sh', IMAGE, '-c', script);
    expect(stdout.trim().split('\n')).toEqual(['10001', '1']);
  }, 120_000);
});

describe('a container', () => {
  let url: string;

  beforeAll(async () => {
    const host = `127.0.0.1:${String(await freePort())}`;
    url = `http://${host}`;
    const address = ['--publish', `${host}:3000`, '--env', `PUBLIC_URL=${url}`];
    const options = [
      ...OPTIONS_FOR_ROOMS,
      ...RUN_OPTIONS,
      ...address,
      '--volume',
      `${NAME}:/var/lib/mntdata`,
    ];
    const { code, text } = await tool('run', '--detach', '--name', NAME, ...options, IMAGE);
    expect({ code, text }).toMatchObject({ code: 0 });
  }, 120_000);

  afterAll(async () => {
    await tool('rm', '--force', NAME);
    await tool('volume', 'rm', NAME);
  }, 60_000);

  it('walks the tour of the README without a right of its own', async () => {
    const token = await tokenIn(() => tool('logs', NAME));
    await untilReady(url);
    const walked = await walkTour(url, token);
    expect(walked.failure).toBeNull();
    expect(unlike(walked)).toEqual([]);
  }, 240_000);

  it('is healthy', async () => {
    expect(await tool('exec', NAME, 'node', 'docker/healthcheck.mjs')).toMatchObject({ code: 0 });
  }, 60_000);

  it('leaves in order', async () => {
    await tool('stop', '--time', '60', NAME);
    const { stdout } = await tool('inspect', '--format', '{{.State.ExitCode}}', NAME);
    expect(stdout.trim()).toBe('0');
  }, 90_000);
});
