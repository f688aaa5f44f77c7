import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  paginateListObjectsV2,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { StartError } from '../errors/index.js';
import { artifactKey, isSha256 } from './artifact-key.js';
import type { ArtifactCache } from './artifact-cache.js';
import {
  ArtifactStore,
  type ByteRange,
  type StagedFile,
  type StoredArtifact,
} from './artifact-store.port.js';
import { ensureDirectory } from './durable-directory.js';
import { FileStream } from './file-stream.js';
import { asS3Failure, isAbsent } from './s3-failure.js';
import { stageStream } from './staging.js';
import { ContentMissingError, StorageUnavailableError } from './storage.errors.js';

export interface S3Options {
  bucket: string;
  /** Before every key: empty, or with a slash at its end. */
  prefix: string;
  region: string;
  /** A server other than AWS, addressed by path; null: AWS. */
  endpoint: string | null;
  /** Null: where the SDK looks by itself (environment, profile, role of the machine). */
  credentials: { accessKeyId: string; secretAccessKey: string } | null;
}

const MiB = 1024 * 1024;
/** S3 knows 10,000 parts at most: files up to 160 GiB. */
const PART_BYTES = 16 * MiB;
/** Memory of an upload: three parts. */
const PARTS_AT_ONCE = 3;
const CONNECT_MS = 5_000;
/** A request without content, repetitions included. */
const ANSWER_MS = 10_000;
/** Nothing moved on a connection; longer than a reader of ours may pause. */
const STALLED_MS = 180_000;

/** Artifacts as objects of an S3 bucket, under the same keys as on disk, with local copies for those who need a path. */
export class S3ArtifactStore extends ArtifactStore {
  private readonly client: S3Client;

  constructor(
    readonly stagingDirectory: string,
    private readonly cache: ArtifactCache,
    private readonly options: S3Options,
  ) {
    super();
    const { endpoint, region, credentials } = options;
    this.client = new S3Client({
      region,
      ...(endpoint !== null && { endpoint, forcePathStyle: true }),
      ...(credentials !== null && { credentials }),
      // Many servers that speak S3 do not know the checksums that the SDK adds by default.
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
      requestHandler: { connectionTimeout: CONNECT_MS, socketTimeout: STALLED_MS },
    });
  }

  async prepare(): Promise<void> {
    await ensureDirectory(this.stagingDirectory);
    await this.cache.prepare();
    try {
      await this.check();
    } catch (error) {
      const { bucket, endpoint } = this.options;
      const where = endpoint === null ? bucket : `${bucket} at ${endpoint}`;
      throw new StartError(
        `The S3 bucket ${where} cannot be written (${reasonOf(error)}): check STORAGE_S3_*.`,
        {
          cause: error,
        },
      );
    }
  }

  async adopt(staged: StagedFile): Promise<void> {
    if (dirname(staged.path) !== this.stagingDirectory) throw new TypeError('The file is not staged here.');
    await translated(async () => {
      if ((await this.sizeOf(staged.sha256)) !== staged.size) await this.upload(staged);
      // A copy more or less: the object is stored.
      await this.cache.add(staged).catch(async () => await rm(staged.path, { force: true }));
    });
  }

  async read(sha256: string, range?: ByteRange): Promise<Readable> {
    const Range = range && `bytes=${range.start}-${range.end}`;
    const command = new GetObjectCommand({ ...this.object(sha256), Range });
    const { Body } = await this.found(sha256, (abortSignal) => this.client.send(command, { abortSignal }));
    if (!(Body instanceof Readable)) throw new StorageUnavailableError();
    return withFailures(Body);
  }

  async localFile(sha256: string): Promise<string> {
    return await this.cache.file(sha256, async () => {
      const staged = await stageStream(this.stagingDirectory, await this.read(sha256), {
        maxBytes: Infinity,
      });
      if (staged.sha256 === sha256) return staged;
      await rm(staged.path, { force: true });
      throw new StorageUnavailableError(new Error(`The object of ${sha256} holds other bytes.`));
    });
  }

  async remove(sha256: string): Promise<void> {
    const command = new DeleteObjectCommand(this.object(sha256));
    await translated(async () => {
      await withinDeadline((abortSignal) => this.client.send(command, { abortSignal }));
      await this.cache.drop(sha256);
    });
  }

  async *list(): AsyncGenerator<StoredArtifact> {
    const { bucket: Bucket, prefix: Prefix } = this.options;
    const pages = paginateListObjectsV2({ client: this.client }, { Bucket, Prefix });
    for (;;) {
      const { done, value } = await translated(async () => await withinDeadline(() => pages.next()));
      if (done === true) return;
      for (const { Key = '', Size: size = 0, LastModified: modifiedAt = new Date() } of value.Contents ??
        []) {
        const sha256 = Key.slice(-64);
        if (isSha256(sha256) && Key === this.keyOf(sha256)) yield { sha256, size, modifiedAt };
      }
    }
  }

  async check(): Promise<void> {
    const { bucket: Bucket, prefix } = this.options;
    const command = new PutObjectCommand({ Bucket, Key: `${prefix}check`, Body: 'ok' });
    await translated(() => withinDeadline((abortSignal) => this.client.send(command, { abortSignal })));
  }

  private keyOf(sha256: string): string {
    return this.options.prefix + artifactKey(sha256);
  }

  private object(sha256: string): { Bucket: string; Key: string } {
    return { Bucket: this.options.bucket, Key: this.keyOf(sha256) };
  }

  private async sizeOf(sha256: string): Promise<number | null> {
    const command = new HeadObjectCommand(this.object(sha256));
    try {
      const head = await withinDeadline((abortSignal) => this.client.send(command, { abortSignal }));
      return head.ContentLength ?? null;
    } catch (error) {
      if (isAbsent(error)) return null;
      throw error;
    }
  }

  /** Nobody sees an object before its last part is there; a failed upload takes its parts back. */
  private async upload(staged: StagedFile): Promise<void> {
    const content = await FileStream.open(staged.path);
    try {
      const params = { ...this.object(staged.sha256), Body: content };
      await new Upload({
        client: this.client,
        params,
        partSize: PART_BYTES,
        queueSize: PARTS_AT_ONCE,
      }).done();
    } finally {
      content.destroy();
    }
  }

  private async found<T>(sha256: string, send: (abortSignal: AbortSignal) => Promise<T>): Promise<T> {
    try {
      return await withinDeadline(send);
    } catch (error) {
      if (isAbsent(error)) throw new ContentMissingError(sha256, error);
      throw asS3Failure(error);
    }
  }
}

async function translated<T>(action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    throw asS3Failure(error);
  }
}

/** The deadline ends with the answer's head: a body takes as long as its reader. */
async function withinDeadline<T>(send: (abortSignal: AbortSignal) => Promise<T>): Promise<T> {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(new Error('S3 did not answer in time.')), ANSWER_MS);
  try {
    return await send(abort.signal);
  } finally {
    clearTimeout(timer);
  }
}

/** The body of an answer with its failures in the words of the domain; ending either ends both. */
function withFailures(body: Readable): Readable {
  const content = new PassThrough({ highWaterMark: MiB });
  body.once('error', (error) => content.destroy(asS3Failure(error) as Error));
  // A connection that is cut ends without an error on some versions of Node.
  body.once('close', () => {
    if (!body.readableEnded) content.destroy(new StorageUnavailableError());
  });
  content.once('close', () => body.destroy());
  return body.pipe(content);
}

function reasonOf(error: unknown): string {
  const reason = error instanceof StorageUnavailableError ? error.cause : error;
  return reason instanceof Error ? reason.message || reason.name : String(reason);
}
