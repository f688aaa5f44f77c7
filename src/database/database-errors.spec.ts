import { QueryFailedError, QueryRunnerAlreadyReleasedError } from 'typeorm';
import { databaseProblem, isConnectionLoss, isRefusal, violatedUnique } from './database-errors.js';

function failed(properties: object, message = 'failed'): QueryFailedError {
  return new QueryFailedError('SELECT 1', [], Object.assign(new Error(message), properties));
}

describe('databaseProblem', () => {
  it.each(['08006', '57P01', '57P03', '53300', '25P03', 'ECONNREFUSED', 'ECONNRESET', 'EAI_AGAIN'])(
    'takes %s as a database that is gone',
    (code) => {
      expect(databaseProblem(failed({ code }))).toMatchObject({
        kind: 'unavailable',
        code: 'database_unavailable',
        retryAfterSeconds: 5,
      });
    },
  );

  it.each([
    'Connection terminated unexpectedly',
    'Connection terminated due to connection timeout',
    'timeout exceeded when trying to connect',
    'Query read timeout',
    'Client was closed and is not queryable',
  ])('takes "%s" as a database that is gone', (message) => {
    expect(isConnectionLoss(new Error(message))).toBe(true);
    expect(databaseProblem(failed({}, message))).toMatchObject({ code: 'database_unavailable' });
  });

  it('takes a query runner that was taken away as a database that is gone', () => {
    expect(isConnectionLoss(new QueryRunnerAlreadyReleasedError())).toBe(true);
  });

  it.each(['57014', '55P03', '40001', '40P01'])('takes %s as a busy database', (code) => {
    expect(databaseProblem(failed({ code }))).toMatchObject({ kind: 'unavailable', code: 'database_busy' });
  });

  it('takes 53100 as a full disk', () => {
    expect(databaseProblem(failed({ code: '53100' }))).toMatchObject({ kind: 'storage_full' });
  });

  it('keeps the cause, and shows nothing of it', () => {
    const cause = failed({ code: '57P01' }, 'host db.internal');
    const problem = databaseProblem(cause);
    expect(problem?.cause).toBe(cause);
    expect(problem?.message).not.toContain('db.internal');
  });

  it.each([
    failed({ code: '23505' }),
    failed({ code: '42601' }),
    new Error('other'),
    null,
    'text',
    undefined,
  ])('leaves anything else alone', (error) => {
    expect(databaseProblem(error)).toBeNull();
  });
});

describe('violatedUnique', () => {
  it('gives the name of the constraint', () => {
    expect(violatedUnique(failed({ code: '23505', constraint: 'files_pkey' }))).toBe('files_pkey');
  });

  it('is null for other violations', () => {
    expect(violatedUnique(failed({ code: '23503', constraint: 'files_pkey' }))).toBeNull();
  });
});

describe('isRefusal', () => {
  it('knows a wrong user, password or database', () => {
    expect(['28P01', '28000', '3D000'].every((code) => isRefusal(Object.assign(new Error(), { code })))).toBe(
      true,
    );
    expect(isRefusal(failed({ code: '08006' }))).toBe(false);
  });
});
