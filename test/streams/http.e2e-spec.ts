import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { get, request, type IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ExecutionDto } from '../../src/execution/index.js';
import type { FileDto } from '../../src/files/index.js';
import { aService, type TestService } from '../support/a-service.js';
import type { ApiClient } from '../support/api-client.js';

const KIB = 1024;
/** Longer than the five minutes that Node gives a request to arrive; a taste of it without SOAK. */
const SLOW_MS = process.env.SOAK === '1' ? 400_000 : 200;

describe('HTTP around runs', () => {
  let service: TestService;
  let alice: ApiClient;

  beforeAll(async () => {
    service = await aService();
    alice = await service.as('alice');
  });

  afterAll(async () => {
    await service.remove();
  });

  /** The answer as it comes, not unpacked. */
  async function raw(path: string, headers: Record<string, string> = {}): Promise<IncomingMessage> {
    return await new Promise((resolve, reject) => {
      const all = { Authorization: alice.authorization, 'Accept-Encoding': 'gzip', ...headers };
      get(`${service.url}${path}`, { headers: all }, resolve).on('error', reject);
    });
  }

  async function encodingOf(path: string, headers: Record<string, string> = {}): Promise<string | undefined> {
    const answer = await raw(path, headers);
    answer.resume();
    return answer.headers['content-encoding'];
  }

  it('compresses what is large, and never stored bytes, whose ranges and tags mean them as they are', async () => {
    const text = 'a line\n'.repeat(10 * KIB);
    const { id } = await alice.run(
      `print(${JSON.stringify(text)})\nopen('a.txt', 'w').write('x' * 100_000)`,
      {
        message_id: 'large',
      },
    );
    expect(await encodingOf(`/api/v1/executions/${id}`)).toBe('gzip');
    expect((await alice.get<ExecutionDto>(`/executions/${id}`)).body.stdout).toBe(`${text}\n`);
    expect(await encodingOf(`/api/v1/executions/${id}/output`)).toBe('gzip');
    expect(await encodingOf('/api/v1/me')).toBeUndefined();
    const [file] = await alice.files('message_id=large');
    expect(await encodingOf(`/api/v1/files/${file?.id ?? ''}/content`)).toBeUndefined();
    expect(await encodingOf('/api/v1/downloads/code-execution/large/archive')).toBeUndefined();
  });

  it('does not hold events back for clients that take compressed answers', async () => {
    const started = await alice.request<ExecutionDto>(
      'POST',
      '/executions',
      {
        code: "print('counted', flush=True)\nwhile True: pass",
        message_id: 'held',
      },
      { Prefer: 'respond-async' },
    );
    const answer = await raw(`/api/v1/executions/${started.body.id}/events`);
    expect(answer.headers['content-encoding']).toBeUndefined();
    const told = answer.setEncoding('utf8')[Symbol.asyncIterator]() as AsyncIterator<string>;
    const hear = async (wanted: string): Promise<void> => {
      for (let text = ''; !text.includes(wanted);) text += String((await told.next()).value);
    };
    // The code goes on for ever, so only an event that is not held back ends the wait.
    await hear('counted');
    await alice.request('DELETE', `/executions/${started.body.id}`);
    await hear('event: finished');
  });

  it('takes code up to 1 MiB', async () => {
    const most = 1024 * KIB;
    const code = "import hashlib; print(hashlib.sha256(b'').hexdigest()) #";
    const whole = code + 'ü'.repeat((most - code.length) / 2);
    expect(Buffer.byteLength(whole)).toBe(most);
    expect((await alice.run(whole)).stdout).toBe(`${createHash('sha256').digest('hex')}\n`);
    const { status, body } = await alice.request('POST', '/executions', { code: `${whole}x` });
    expect([status, body.code]).toEqual([400, 'validation_failed']);
  });

  it(
    'lets an upload over a slow line take its time',
    async () => {
      const upload = request(`${service.url}/api/v1/files`, {
        method: 'POST',
        headers: { Authorization: alice.authorization, 'Content-Type': 'multipart/form-data; boundary=x' },
      });
      const part = (field: string): string => `--x\r\nContent-Disposition: form-data; ${field}\r\n\r\n`;
      upload.write(`${part('name="message_id"')}slow\r\n${part('name="file"; filename="slow.txt"')}first`);
      await sleep(SLOW_MS);
      upload.end(' and last\r\n--x--\r\n');
      const [answer] = (await once(upload, 'response')) as [IncomingMessage];
      answer.resume();
      expect(answer.statusCode).toBe(201);
      expect((await alice.files('message_id=slow'))[0]?.size).toBe('first and last'.length);
    },
    SLOW_MS + 60_000,
  );

  it('takes the fields of a form in any order', async () => {
    const form = new FormData();
    form.append('file', new Blob(['first']), 'a.txt');
    form.set('chat_id', 'chat-1');
    form.append('file', new Blob(['second']), 'b.txt');
    form.set('message_id', 'late-fields');
    const { status, body } = await alice.request<{ files: FileDto[] }>('POST', '/files', form);
    expect([status, body.files.map(({ name, chat_id }) => [name, chat_id])]).toEqual([
      201,
      [
        ['a.txt', 'chat-1'],
        ['b.txt', 'chat-1'],
      ],
    ]);
  });
});
