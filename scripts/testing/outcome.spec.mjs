import { outcomeOf as outcomeOfJest } from './jest.mjs';
import { isGood, sum } from './outcome.mjs';
import { outcomeOf as outcomeOfPytest } from './pytest.mjs';
import { allSuites, choose, containerSuites } from './suites.mjs';

const report = { numPassedTests: 5, numFailedTests: 0, numPendingTests: 2, numRuntimeErrorTestSuites: 0 };

describe('the outcome of jest', () => {
  it('counts tests', () => {
    expect(outcomeOfJest(report, true)).toEqual({ passed: 5, failed: 0, skipped: 2 });
  });

  it('counts files that could not be loaded as failed', () => {
    const broken = { ...report, numFailedTests: 1, numRuntimeErrorTestSuites: 1 };
    expect(outcomeOfJest(broken, false).failed).toBe(2);
  });

  it('is a failure when jest itself is not content, whatever the tests say', () => {
    expect(outcomeOfJest(report, false).failed).toBe(1);
  });
});

describe('the outcome of pytest', () => {
  it('counts failures and errors', () => {
    const xml =
      '<testsuites name="x"><testsuite name="pytest" errors="1" failures="2" skipped="3" tests="10" />';
    expect(outcomeOfPytest(xml, false)).toEqual({ passed: 4, failed: 3, skipped: 3 });
  });

  it('is a failure when pytest itself is not content, whatever the tests say', () => {
    const xml = '<testsuite name="pytest" errors="0" failures="0" skipped="0" tests="10">';
    expect(outcomeOfPytest(xml, false)).toEqual({ passed: 10, failed: 1, skipped: 0 });
  });
});

describe('the sum', () => {
  it('is good only when something ran and nothing failed', () => {
    const one = { passed: 1, failed: 0, skipped: 0 };
    expect(isGood(sum([]))).toBe(false);
    expect(isGood(sum([{ passed: 0, failed: 0, skipped: 9 }]))).toBe(false);
    expect(isGood(sum([one]))).toBe(true);
    expect(isGood(sum([one, { ...one, failed: 1 }]))).toBe(false);
  });
});

describe('the choice of suites', () => {
  const suites = allSuites({});
  /** @param {string[]} args */
  const namesFor = (...args) => choose(args, suites).chosen.map(({ name }) => name);

  it('is all of them without a name, also with a part of a path', () => {
    expect(namesFor()).toEqual(['unit', 'python', 'kernel', 'e2e']);
    expect(namesFor('src/files')).toEqual(namesFor());
    expect(choose(['src/files'], suites).filters).toEqual(['src/files']);
  });

  it('is those that are named', () => {
    expect(namesFor('e2e', 'unit', 'src/files')).toEqual(['unit', 'e2e']);
  });

  it('is what is worth hours alone for a soak', () => {
    expect(allSuites({ SOAK: '1' }).map(({ name }) => name)).toEqual(['races', 'loads', 'crashes']);
  });

  it('has the end-to-end suite a second time, and several processes, when there is a Postgres', () => {
    const names = allSuites({ TEST_DATABASE_URL: 'postgres://localhost/x' }).map(({ name }) => name);
    expect(names).toEqual(['unit', 'python', 'kernel', 'e2e', 'e2e-postgres', 'processes']);
  });

  it('has for containers the image, and the end-to-end suites under the same names', () => {
    const names = containerSuites({ TEST_DATABASE_URL: 'postgres://localhost/x' }).map(({ name }) => name);
    expect(names).toEqual(['image', 'e2e', 'e2e-postgres', 'processes']);
  });
});
