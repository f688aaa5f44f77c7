import {
  CreateBucketCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, readdir, rm, utimes } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { ArtifactCache } from '../../src/storage/artifact-cache.js';
import {
  DiskArtifactStore,
  StorageFullError,
  StorageUnavailableError,
  type ArtifactStore,
} from '../../src/storage/index.js';
import { S3ArtifactStore } from '../../src/storage/s3-artifact-store.adapter.js';
import { anS3Server, type S3Server } from './an-s3-server.js';
import { aStagedFile, describeArtifactStore } from './artifact-store.contract.js';

const CREDENTIALS = { accessKeyId: 'key', secretAccessKey: 'secret' };
const REGION = 'us-east-1';
const bucket = 'artifacts';

let server: S3Server;
let client: S3Client;
let directory: string;
let prefix: string;

beforeAll(async () => {
  server = await anS3Server();
  const { endpoint } = server;
  client = new S3Client({ endpoint, region: REGION, credentials: CREDENTIALS, forcePathStyle: true });
  await client.send(new CreateBucketCommand({ Bucket: bucket }));
}, 360_000);

afterAll(async () => {
  client.destroy();
  await server.stop();
});

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'mntdata-s3-'));
  prefix = `${randomUUID()}/`;
});

afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

interface Place {
  endpoint?: string;
  cacheBytes?: number;
  bucket?: string;
}

function aStore(place: Place = {}): S3ArtifactStore {
  const stagingDirectory = join(directory, 'staging');
  const copies = new DiskArtifactStore({ root: join(directory, 'cache'), stagingDirectory });
  return new S3ArtifactStore(stagingDirectory, new ArtifactCache(copies, place.cacheBytes ?? Infinity), {
    bucket: place.bucket ?? bucket,
    prefix,
    region: REGION,
    endpoint: place.endpoint ?? server.endpoint,
    credentials: CREDENTIALS,
  });
}

async function openStore(place?: Place): Promise<S3ArtifactStore> {
  const store = aStore(place);
  await store.prepare();
  return store;
}

async function stored(store: ArtifactStore, size: number): Promise<{ sha256: string; content: Buffer }> {
  const content = randomBytes(size);
  const staged = await aStagedFile(store, content);
  await store.adopt(staged);
  return { sha256: staged.sha256, content };
}

const copies = async (): Promise<string[]> =>
  (await readdir(join(directory, 'cache'), { recursive: true })).filter((name) => /[0-9a-f]{64}$/.test(name));

describeArtifactStore('S3', openStore);

describe('artifacts in S3', () => {
  test('lie under the keys of the disk, large ones come in parts', async () => {
    const store = await openStore();
    const { sha256 } = await stored(store, 40 * 1024 * 1024);
    const Key = `${prefix}${sha256.slice(0, 2)}/${sha256.slice(2, 4)}/${sha256}`;
    const head = await client.send(new HeadObjectCommand({ Bucket: bucket, Key }));
    expect(head.ContentLength).toBe(40 * 1024 * 1024);
    // The tag of an object in parts ends in their number.
    expect(head.ETag).toMatch(/-3"$/);
    expect((await client.send(new ListMultipartUploadsCommand({ Bucket: bucket }))).Uploads ?? []).toEqual(
      [],
    );
  });

  test('are not sent again when they are there', async () => {
    const store = await openStore();
    const { sha256, content } = await stored(store, 1000);
    const find = new ListObjectsV2Command({ Bucket: bucket, Prefix: `${prefix}${sha256.slice(0, 2)}/` });
    const before = (await client.send(find)).Contents?.[0]?.LastModified;
    await store.adopt(await aStagedFile(store, content));
    expect((await client.send(find)).Contents?.[0]?.LastModified).toEqual(before);
  });

  test('are listed without what else lies in the bucket', async () => {
    const store = await openStore();
    const { sha256 } = await stored(store, 10);
    for (const Key of [`${prefix}README`, `${prefix}zz/zz/${'a'.repeat(64)}`, `${prefix}${'b'.repeat(64)}`]) {
      await client.send(new PutObjectCommand({ Bucket: bucket, Key, Body: 'x' }));
    }
    const listed = [];
    for await (const artifact of store.list()) listed.push(artifact.sha256);
    expect(listed).toEqual([sha256]);
  });

  test('have local copies, which a new store of the same directory finds', async () => {
    const { sha256, content } = await stored(await openStore(), 1000);
    const path = await (await openStore()).localFile(sha256);
    await rm(path);
    const fetched = await Promise.all(
      Array.from({ length: 3 }, async () => await (await openStore()).localFile(sha256)),
    );
    expect(new Set(fetched)).toEqual(new Set([path]));
    expect((await buffer(await (await openStore()).read(sha256))).equals(content)).toBe(true);
    expect(await readdir(join(directory, 'staging'))).toEqual([]);
  });

  test('lose local copies that nobody used for an hour when they take too much', async () => {
    const store = await openStore({ cacheBytes: 2500 });
    const files = [await stored(store, 1000), await stored(store, 1000)];
    const past = new Date(Date.now() - 7_200_000);
    for (const { sha256 } of files) {
      const path = await store.localFile(sha256);
      await utimes(path, past, past);
    }
    // Used again just now.
    await store.localFile(files[0]!.sha256);
    const last = await stored(store, 1000);
    expect((await copies()).map((name) => name.slice(-64)).sort()).toEqual(
      [files[0]!.sha256, last.sha256].sort(),
    );
    const again = await store.localFile(files[1]!.sha256);
    expect(again).toContain(files[1]!.sha256);
  });

  test('are checked against their hash before they become a local copy', async () => {
    const store = await openStore();
    const { sha256 } = await stored(store, 1000);
    await rm(await store.localFile(sha256));
    const Key = `${prefix}${sha256.slice(0, 2)}/${sha256.slice(2, 4)}/${sha256}`;
    await client.send(new PutObjectCommand({ Bucket: bucket, Key, Body: 'forged' }));
    await expect(store.localFile(sha256)).rejects.toBeInstanceOf(StorageUnavailableError);
    expect(await copies()).toEqual([]);
    expect(await readdir(store.stagingDirectory)).toEqual([]);
  });

  test('need a bucket that can be written, and the start says which cannot', async () => {
    await expect(aStore({ bucket: 'absent' }).prepare()).rejects.toThrow(
      /^The S3 bucket absent at http.* cannot be written \(.+\): check/,
    );
  });
});

describe('an S3 server that fails', () => {
  let broken: Server;

  const answering = async (answer: RequestListener): Promise<S3ArtifactStore> => {
    broken = createServer(answer).listen(0, '127.0.0.1');
    await new Promise((listening) => broken.once('listening', listening));
    const { port } = broken.address() as AddressInfo;
    await openStore();
    return aStore({ endpoint: `http://127.0.0.1:${String(port)}` });
  };

  afterEach(() => {
    broken.close();
    broken.closeAllConnections();
  });

  test('is unavailable when it refuses or forbids', async () => {
    const store = await answering((_request, response) => response.writeHead(403).end());
    await expect(store.check()).rejects.toBeInstanceOf(StorageUnavailableError);
    await expect(store.read('a'.repeat(64))).rejects.toBeInstanceOf(StorageUnavailableError);
    broken.close();
    broken.closeAllConnections();
    await expect(store.check()).rejects.toBeInstanceOf(StorageUnavailableError);
  });

  test('is full when it says so, and what was staged stays', async () => {
    const store = await answering((request, response) => {
      request.resume();
      const status = request.method === 'HEAD' ? 404 : 507;
      response.writeHead(status, { 'content-type': 'application/xml' });
      response.end(
        status === 404 ? '' : '<Error><Code>XMinioStorageFull</Code><Message>full</Message></Error>',
      );
    });
    const staged = await aStagedFile(store, randomBytes(10));
    await expect(store.adopt(staged)).rejects.toBeInstanceOf(StorageFullError);
    expect(await readdir(store.stagingDirectory)).toHaveLength(1);
  });

  test('fails a read that it cuts', async () => {
    const store = await answering((request, response) => {
      response.writeHead(200, { 'content-length': '1000' });
      response.write('half', () => request.socket.destroy());
    });
    await expect(buffer(await store.read('a'.repeat(64)))).rejects.toBeInstanceOf(StorageUnavailableError);
  });

  test('does not hold anybody up for ever', async () => {
    const store = await answering(() => undefined);
    await expect(store.check()).rejects.toBeInstanceOf(StorageUnavailableError);
  }, 20_000);
});
