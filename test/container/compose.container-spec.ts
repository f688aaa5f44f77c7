import { unlike, walkTour } from '../tour/walk.js';
import { buildImage, compose, tokenIn, urlOf } from './container-tool.js';

const BUILD_MS = 30 * 60_000;
const UP_MS = 10 * 60_000;

describe('compose.yaml', () => {
  beforeAll(buildImage, BUILD_MS);

  afterAll(async () => {
    await compose('down', '--volumes');
  }, 120_000);

  it('leads from nothing to a downloaded file', async () => {
    const { code, text } = await compose('up', '--detach');
    expect({ code, text }).toMatchObject({ code: 0 });
    const token = await tokenIn(() => compose('logs', 'api'));
    const walked = await walkTour(urlOf(await compose('port', 'api', '3000')), token);
    expect(walked.failure).toBeNull();
    expect(unlike(walked)).toEqual([]);
  }, UP_MS);

  it('keeps its secrets when it is started again', async () => {
    await compose('down');
    expect(await compose('up', '--detach')).toMatchObject({ code: 0 });
    await tokenIn(() => compose('logs', 'api'));
  }, UP_MS);
});
