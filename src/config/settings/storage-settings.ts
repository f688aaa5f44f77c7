import { bytes } from '../number-kinds.js';
import { optional, setting } from '../setting.js';
import { choice, secret, text } from '../text-kinds.js';
import { httpUrl } from '../url-kinds.js';

export const storageSettings = {
  driver: setting(
    'STORAGE_DRIVER',
    choice(['disk', 's3']),
    'disk',
    'Where the content of files is kept: in DATA_DIR/artifacts, or in a bucket of S3 or a server that speaks it.',
  ),
  bucket: optional('STORAGE_S3_BUCKET', text('the name of a bucket'), 'Bucket, which must exist.'),
  prefix: optional(
    'STORAGE_S3_PREFIX',
    text('a path without leading slash'),
    'Before every key; services that share a bucket need different ones.',
  ),
  endpoint: optional(
    'STORAGE_S3_ENDPOINT',
    httpUrl('without slash'),
    'Server other than AWS, such as MinIO; its buckets are addressed by path.',
  ),
  region: setting('STORAGE_S3_REGION', text('the name of a region'), 'us-east-1', 'Region of the bucket.'),
  accessKeyId: optional(
    'STORAGE_S3_ACCESS_KEY_ID',
    text('the id of an access key'),
    'Access key; unset, that of the environment, the profile or the role of the machine, as AWS programs find it.',
  ),
  secretAccessKey: optional('STORAGE_S3_SECRET_ACCESS_KEY', secret(), 'Secret of the access key.'),
  cacheBytes: setting(
    'STORAGE_CACHE_BYTES',
    bytes({ min: 0 }),
    '5GiB',
    'Most that local copies of a bucket take in DATA_DIR/cache; copies used within the hour stay all the same.',
  ),
};
