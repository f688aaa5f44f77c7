import { bytes, days, integer, seconds } from '../number-kinds.js';
import { derived, optional, setting } from '../setting.js';
import { choice, extensions, schedule } from '../text-kinds.js';

export const workspacesSettings = {
  scope: setting(
    'WORKSPACE_SCOPE',
    choice(['message', 'chat']),
    'message',
    'Whether each message has a workspace of its own or all messages of a chat share one.',
  ),
  maxBytes: setting('WORKSPACE_MAX_BYTES', bytes({ min: 1 }), '2GiB', 'Most that a workspace may hold.'),
  maxFiles: setting(
    'WORKSPACE_MAX_FILES',
    integer('files', { min: 1 }),
    '20000',
    'Most files and directories that a workspace may hold.',
  ),
  retentionDays: setting(
    'WORKSPACE_RETENTION_DAYS',
    days(),
    '7',
    'Time without use after which clean-up removes a workspace; stored files stay, the next run restores it.',
  ),
  cleanupCron: setting('CLEANUP_CRON', schedule(), '17 * * * *', 'When clean-up runs, in local time.'),
  leaseSeconds: setting(
    'LEASE_SECONDS',
    seconds({ min: 1 }),
    '15',
    'Time after which a workspace held by a process that died is free again; renewed every third of it.',
  ),
};

export const filesSettings = {
  trackedExtensions: setting(
    'TRACKED_EXTENSIONS',
    extensions(),
    '*',
    'Extensions of the files that are kept; * keeps all but caches and temporary ones.',
  ),
  maxUploadBytes: setting(
    'MAX_UPLOAD_BYTES',
    bytes({ min: 1 }),
    '512MiB',
    'Largest file that can be attached.',
  ),
  maxGeneratedFileBytes: setting(
    'MAX_GENERATED_FILE_BYTES',
    bytes({ min: 1 }),
    '512MiB',
    'Largest file made by code that is kept.',
  ),
  maxFilesPerExecution: setting(
    'MAX_FILES_PER_EXECUTION',
    integer('files', { min: 1 }),
    '1000',
    'Most files that are kept of one execution; the rest is told in one warning.',
  ),
  userMaxBytes: optional(
    'USER_MAX_BYTES',
    bytes({ min: 1 }),
    'Most that the stored files of one user may take, all versions counted; unset: no limit.',
  ),
  userMaxFiles: optional(
    'USER_MAX_FILES',
    integer('files', { min: 1 }),
    'Most stored files that one user may have, all versions counted; unset: no limit.',
  ),
  generatedRetentionDays: optional(
    'GENERATED_FILE_RETENTION_DAYS',
    days(),
    'Time after which a file that code made is deleted; unset: kept.',
  ),
  attachedRetentionDays: optional(
    'ATTACHED_FILE_RETENTION_DAYS',
    days(),
    'Time after which an attached file is deleted; unset: kept.',
  ),
};

/** Runs that go at a time on each core: most wait for Python's start, its disk, or a sleep. */
const RUNS_PER_CORE = 8;

export const executionSettings = {
  timeoutSeconds: setting(
    'EXECUTION_TIMEOUT_SECONDS',
    seconds({ min: 0.001 }),
    '60',
    'Time that code may run when the request names none.',
  ),
  maxTimeoutSeconds: setting(
    'MAX_EXECUTION_TIMEOUT_SECONDS',
    seconds({ min: 0.001 }),
    '600',
    'Longest time that a request may ask for.',
  ),
  maxOutputBytes: setting(
    'MAX_OUTPUT_BYTES',
    bytes({ min: 2 }),
    '1MiB',
    'Most that is kept of each of stdout, stderr and result: half from the head, half from the tail.',
  ),
  maxConcurrent: derived(
    'MAX_CONCURRENT_EXECUTIONS',
    integer('executions', { min: 1 }),
    `${String(RUNS_PER_CORE)} for each core`,
    ({ cores }) => RUNS_PER_CORE * cores,
    'Most executions that run at a time; more wait.',
  ),
  maxConcurrentPerUser: setting(
    'MAX_CONCURRENT_EXECUTIONS_PER_USER',
    integer('executions', { min: 1 }),
    '8',
    'Most executions of one user that run at a time; more wait.',
  ),
  maxQueued: setting(
    'MAX_QUEUED_EXECUTIONS',
    integer('executions', { min: 0 }),
    '1000',
    'Most executions that wait at a time; more are refused with 503.',
  ),
  rateLimitPerMinute: setting(
    'RATE_LIMIT_PER_MINUTE',
    integer('executions per minute', { min: 1 }),
    '600',
    'Executions that one user may start in a minute; more are refused with 429.',
  ),
  retentionDays: setting(
    'EXECUTION_RETENTION_DAYS',
    days(),
    '30',
    'Time for which an execution and its output can be read; its files stay.',
  ),
};
