import express, { type NextFunction, type Request, type Response } from 'express';
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { request as httpRequest, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { setImmediate } from 'node:timers/promises';
import { sendContent, type Content } from '../../src/downloads/content-response.js';
import { answerProblem } from '../../src/http/index.js';
import { DiskArtifactStore } from '../../src/storage/index.js';
import { until } from '../support/until.js';

const SIZE = 3_000_000;

interface Answer {
  status: number;
  headers: IncomingMessage['headers'];
  body: Buffer;
}

describe('content over HTTP', () => {
  let directory: string;
  let store: DiskArtifactStore;
  let server: Server;
  let bytes: Buffer;
  let content: Content;
  let opened: Readable[];
  let inline: boolean;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'mntdata-content-'));
    store = new DiskArtifactStore({
      root: join(directory, 'artifacts'),
      stagingDirectory: join(directory, 'staging'),
    });
    await store.prepare();
    bytes = randomBytes(SIZE);
    opened = [];
    inline = false;
    content = await stored(bytes, 'report.xlsx', 'application/octet-stream');
    const app = express();
    app.disable('etag');
    app.all('/content', (request, response) =>
      sendContent(request, response, content, inline ? 'inline' : 'attachment'),
    );
    app.use((error: unknown, request: Request, response: Response, _next: NextFunction) => {
      answerProblem(request, response, error);
    });
    server = app.listen(0, '127.0.0.1');
    await new Promise((listening) => server.once('listening', listening));
  });

  afterEach(async () => {
    await new Promise((closed) => {
      server.close(closed);
      server.closeAllConnections();
    });
    await rm(directory, { recursive: true, force: true });
  });

  async function stored(data: Buffer, name: string, mimeType: string): Promise<Content> {
    const path = join(store.stagingDirectory, randomUUID());
    await writeFile(path, data);
    const sha256 = createHash('sha256').update(data).digest('hex');
    await store.adopt({ path, sha256, size: data.length });
    const open: Content['open'] = async (range) => {
      const stream = await store.read(sha256, range);
      opened.push(stream);
      return stream;
    };
    return {
      name,
      mimeType,
      size: data.length,
      sha256,
      modifiedAt: new Date('2026-03-01T12:00:00.5Z'),
      open,
    };
  }

  function begin(headers: Record<string, string> = {}, method = 'GET'): Promise<IncomingMessage> {
    const { port } = server.address() as AddressInfo;
    return new Promise((resolve, reject) => {
      httpRequest({ port, host: '127.0.0.1', path: '/content', method, headers }, resolve)
        .on('error', reject)
        .end();
    });
  }

  async function ask(headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> {
    const answer = await begin(headers, method);
    return { status: answer.statusCode!, headers: answer.headers, body: await buffer(answer) };
  }

  /** Resolves when nothing of what was opened is open any more: that may come after the answer. */
  async function allClosed(): Promise<void> {
    await until(async () => {
      await setImmediate();
      return opened.every((stream) => stream.closed);
    });
  }

  test('comes whole, with what a client must know of it', async () => {
    const { status, headers, body } = await ask();
    expect(status).toBe(200);
    expect(body.equals(bytes)).toBe(true);
    expect(headers).toMatchObject({
      'accept-ranges': 'bytes',
      'cache-control': 'private, no-cache',
      'content-disposition': 'attachment; filename="report.xlsx"',
      'content-length': String(SIZE),
      'content-type': 'application/octet-stream',
      etag: `"${content.sha256}"`,
      'last-modified': 'Sun, 01 Mar 2026 12:00:00 GMT',
      'x-content-type-options': 'nosniff',
    });
    expect(headers['content-security-policy']).toMatch(/^sandbox; default-src 'none'/);
    await allClosed();
  });

  test('comes whole to a client that is slow, though its pieces share memory', async () => {
    content = await stored(randomBytes(40_000_000), 'large.bin', 'application/octet-stream');
    const answer = await begin();
    const hash = createHash('sha256');
    for await (const chunk of answer) {
      hash.update(chunk as Buffer);
      await setImmediate();
    }
    expect(hash.digest('hex')).toBe(content.sha256);
  });

  test('comes in part', async () => {
    const { status, headers, body } = await ask({ Range: 'bytes=1000-2000999' });
    expect(status).toBe(206);
    expect(headers['content-range']).toBe(`bytes 1000-2000999/${String(SIZE)}`);
    expect(headers['content-length']).toBe('2000000');
    expect(body.equals(bytes.subarray(1000, 2_001_000))).toBe(true);
  });

  test.each(['bytes=0-1,5-6', 'bytes=9-2', 'nonsense'])('comes whole for the range %s', async (Range) => {
    const { status, headers, body } = await ask({ Range });
    expect([status, headers['content-range'], body.length]).toEqual([200, undefined, SIZE]);
  });

  test('says how long it is to a range outside of it', async () => {
    const { status, headers, body } = await ask({ Range: `bytes=${String(SIZE)}-` });
    expect(status).toBe(416);
    expect(headers['content-range']).toBe(`bytes */${String(SIZE)}`);
    expect(headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(headers['content-disposition']).toBeUndefined();
    expect(JSON.parse(body.toString())).toMatchObject({ code: 'range_not_satisfiable', status: 416 });
    expect(opened).toEqual([]);
  });

  test.each([
    ['the same tag', () => `"${content.sha256}"`, 206],
    ['the same date', () => 'Sun, 01 Mar 2026 12:00:00 GMT', 206],
    ['another tag', () => '"other"', 200],
    ['a weak tag', () => `W/"${content.sha256}"`, 200],
    ['another date', () => 'Sun, 01 Mar 2026 11:00:00 GMT', 200],
  ])('comes in part or whole by If-Range with %s', async (_, condition, expected) => {
    const { status } = await ask({ Range: 'bytes=0-9', 'If-Range': condition() });
    expect(status).toBe(expected);
  });

  test.each<[string, () => Record<string, string>, number]>([
    ['its tag', () => ({ 'If-None-Match': `"${content.sha256}"` }), 304],
    ['its weak tag in a list', () => ({ 'If-None-Match': `"x", W/"${content.sha256}"` }), 304],
    ['any tag', () => ({ 'If-None-Match': '*' }), 304],
    [
      'its tag and no caches',
      () => ({ 'If-None-Match': `"${content.sha256}"`, 'Cache-Control': 'no-cache' }),
      304,
    ],
    ['a date that is none', () => ({ 'If-Modified-Since': 'yesterday' }), 200],
    [
      'another tag but its date',
      () => ({ 'If-None-Match': '"x"', 'If-Modified-Since': 'Sun, 01 Mar 2026 12:00:00 GMT' }),
      200,
    ],
    ['another tag', () => ({ 'If-None-Match': '"x"' }), 200],
    ['its date', () => ({ 'If-Modified-Since': 'Sun, 01 Mar 2026 12:00:00 GMT' }), 304],
    ['an older date', () => ({ 'If-Modified-Since': 'Sun, 01 Mar 2026 11:59:59 GMT' }), 200],
    ['its tag and a range', () => ({ 'If-None-Match': `"${content.sha256}"`, Range: 'bytes=0-1' }), 304],
  ])('is not sent again to a client that has %s', async (_, headers, expected) => {
    const { status, body, headers: answered } = await ask(headers());
    expect(status).toBe(expected);
    expect(answered.etag).toBe(`"${content.sha256}"`);
    expect(body.length).toBe(expected === 304 ? 0 : SIZE);
  });

  test('has a HEAD that reads nothing and knows no ranges', async () => {
    const { status, headers, body } = await ask({ Range: 'bytes=0-9' }, 'HEAD');
    expect([status, headers['content-length'], body.length]).toEqual([200, String(SIZE), 0]);
    expect(opened).toEqual([]);
  });

  test('may be empty', async () => {
    content = await stored(Buffer.alloc(0), 'empty.txt', 'text/plain');
    for (const headers of [{}, { Range: 'bytes=0-' }] as Record<string, string>[]) {
      const answer = await ask(headers);
      expect([answer.status, answer.headers['content-length'], answer.body.length]).toEqual([200, '0', 0]);
      expect(answer.headers['content-type']).toBe('text/plain; charset=utf-8');
    }
  });

  test.each([
    ['image/png', 'inline'],
    ['image/jpeg', 'inline'],
    ['image/gif', 'inline'],
    ['image/webp', 'inline'],
    ['text/plain', 'inline'],
    ['text/html', 'attachment'],
    ['image/svg+xml', 'attachment'],
    ['application/pdf', 'attachment'],
    ['text/markdown', 'attachment'],
  ])('of %s asked for inline comes as %s', async (mimeType, disposition) => {
    inline = true;
    content = { ...content, mimeType, name: 'a"\n\u202eß.bin' };
    const { headers } = await ask({}, 'HEAD');
    expect(headers['content-disposition']).toMatch(new RegExp(`^${disposition}; filename=`));
    expect(headers['x-content-type-options']).toBe('nosniff');
    inline = false;
    const attached = await ask({}, 'HEAD');
    expect(attached.headers['content-disposition']).toMatch(/^attachment; filename=/);
  });

  test('that is gone is a problem, not half an answer', async () => {
    await store.remove(content.sha256);
    const { status, headers, body } = await ask();
    expect(status).toBe(410);
    expect(headers.etag).toBeUndefined();
    expect(JSON.parse(body.toString())).toMatchObject({ code: 'content_missing' });
  });

  test('that turns out shorter cuts the connection', async () => {
    await truncate(await store.localFile(content.sha256), 2_000_000);
    await expect(ask()).rejects.toThrow('aborted');
    await allClosed();
  });

  test('that fails on the way cuts the connection', async () => {
    const { open } = content;
    content.open = async (range) => {
      const stream = await open(range);
      stream.once('data', () => stream.destroy(new Error('the disk is gone')));
      return stream;
    };
    await expect(ask()).rejects.toThrow('aborted');
  });

  test('is let go of when the client leaves', async () => {
    content = await stored(randomBytes(30_000_000), 'large.bin', 'application/octet-stream');
    const descriptors = (await readdir('/proc/self/fd')).length;
    const answer = await begin();
    await new Promise((data) => answer.once('data', data));
    const closed = new Promise((close) => opened[0]!.once('close', close));
    answer.destroy();
    await closed;
    expect((await readdir('/proc/self/fd')).length).toBeLessThanOrEqual(descriptors);
  });

  test('is let go of when the client leaves before it is opened', async () => {
    const { open } = content;
    const leave: { now?: () => void } = {};
    const left = new Promise<void>((resolve) => (leave.now = resolve));
    const asked = new Promise<Readable>((reading) => {
      content.open = async (range) => {
        leave.now!();
        await new Promise((closed) => server.once('left', closed));
        const stream = await open(range);
        reading(stream);
        return stream;
      };
    });
    server.once('connection', (socket) => socket.once('close', () => server.emit('left')));
    const { port } = server.address() as AddressInfo;
    const pending = httpRequest({ port, host: '127.0.0.1', path: '/content' }).on('error', () => undefined);
    pending.end();
    await left;
    pending.destroy();
    const stream = await asked;
    if (!stream.closed) await new Promise((closed) => stream.once('close', closed));
    expect(stream.readableDidRead).toBe(false);
  });

  test('takes the same memory for any size', async () => {
    content = await stored(Buffer.alloc(200_000_000), 'large.bin', 'application/octet-stream');
    const answer = await begin();
    let most = 0;
    let size = 0;
    for await (const chunk of answer) {
      size += (chunk as Buffer).length;
      most = Math.max(most, opened[0]!.readableLength);
    }
    expect(size).toBe(200_000_000);
    expect(most).toBeLessThanOrEqual(2 * 1024 * 1024);
  });
});
