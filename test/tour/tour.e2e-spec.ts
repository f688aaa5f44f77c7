import { aToken } from '../ownership/attackers.js';
import { aService, SECRET, type TestService } from '../support/a-service.js';
import { unlike, walkTour, type Walk } from './walk.js';

/** Start of the service, and the tour. */
const SET_UP_DEADLINE_MS = 120_000;

describe('the tour of the README', () => {
  let walked: Walk;
  let service: TestService;

  beforeAll(async () => {
    service = await aService();
    walked = await walkTour(service.url, await aToken('a reader', SECRET));
  }, SET_UP_DEADLINE_MS);

  afterAll(async () => {
    await service.remove();
  });

  it('runs to its end', () => {
    expect(walked.steps.length).toBeGreaterThan(5);
    expect(walked.failure).toBeNull();
  });

  it('prints what the README shows', () => {
    expect(walked.steps.filter(({ expected }) => expected !== null).length).toBeGreaterThan(5);
    expect(unlike(walked)).toEqual([]);
  });
});
