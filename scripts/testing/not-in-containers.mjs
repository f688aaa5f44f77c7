const IN_ITS_PROCESS = 'The service runs in the process of the test, which looks into its modules';
const NO_SERVICE = 'There is no service in it, only modules in the process of the test';

/**
 * Which end-to-end files `npm run test:container` leaves out, and why no container can be in them.
 * @type {Readonly<Record<string, string>>}
 */
export const notInContainers = {
  'test/auth/auth': `${IN_ITS_PROCESS}: its own controllers, rows of keys.`,
  'test/crash/takeover': `${IN_ITS_PROCESS}: it holds a lease without renewing it.`,
  'test/database/database': `${NO_SERVICE}: statements, migrations.`,
  'test/database/embedded': `${NO_SERVICE}: the embedded database.`,
  'test/database/manifest': `${NO_SERVICE}: statements of the manifest.`,
  'test/database/server': `${NO_SERVICE}: connections to Postgres.`,
  'test/downloads/archive': `${NO_SERVICE}: how a ZIP is written.`,
  'test/downloads/content-response': `${NO_SERVICE}: how content is sent.`,
  'test/downloads/downloads': `${IN_ITS_PROCESS}: it lays rows of files that no run would leave.`,
  'test/engine/broken-network': `${IN_ITS_PROCESS}: it gives it an engine with a deadline of half a second.`,
  'test/engine/several-hosts':
    'Its hosts let root in, which needs a service that is root; that of the image is a user.',
  'test/files/quotas': `${IN_ITS_PROCESS}: it makes rows older than they are.`,
  'test/files/removal': `${IN_ITS_PROCESS}: it sweeps content that has just lost its last file.`,
  'test/ownership/app': `${IN_ITS_PROCESS}: it lays something of every kind beneath the API.`,
  'test/ownership/walk': `${IN_ITS_PROCESS}: applications that are wrong on purpose.`,
  'test/runs/round-trips': `${IN_ITS_PROCESS}: it counts statements.`,
  'test/start/start': 'It tries the set-up of a checkout, which the image has behind it.',
  'test/storage/artifacts': `${NO_SERVICE}: the store of contents.`,
  'test/storage/disk-artifact-store': `${NO_SERVICE}: the store on a disk.`,
  'test/storage/s3-artifact-store': `${NO_SERVICE}: the store in S3.`,
};
