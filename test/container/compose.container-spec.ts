import { freePort } from '../support/free-port.js';
import { unlike, walkTour } from '../tour/walk.js';
import { composeAt, removeComposed, tokenIn, untilReady, type Said } from './container-tool.js';

const UP_MS = 10 * 60_000;

describe('compose.yaml', () => {
  let url: URL;
  let compose: (...args: string[]) => Promise<Said>;

  beforeAll(async () => {
    url = new URL(`http://127.0.0.1:${String(await freePort())}`);
    compose = composeAt(url);
    await removeComposed(compose);
  }, 120_000);

  afterAll(async () => {
    await removeComposed(compose);
  }, 120_000);

  it(
    'leads from nothing to a downloaded file',
    async () => {
      expect(await compose('up', '--detach')).toMatchObject({ code: 0 });
      const token = await tokenIn(() => compose('logs', 'api'));
      await untilReady(url.origin);
      const walked = await walkTour(url.origin, token);
      expect(walked.failure).toBeNull();
      expect(unlike(walked)).toEqual([]);
    },
    UP_MS,
  );

  it(
    'keeps its secrets when it is started again',
    async () => {
      await compose('down');
      expect(await compose('up', '--detach')).toMatchObject({ code: 0 });
      await untilReady(url.origin);
    },
    UP_MS,
  );
});
