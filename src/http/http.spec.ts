import { get, type IncomingMessage } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import {
  BadRequestException,
  Body,
  Controller,
  Get,
  HttpException,
  Module,
  Post,
  Query,
  Res,
} from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { ApiProperty } from '@nestjs/swagger';
import { Test } from '@nestjs/testing';
import { Type } from 'class-transformer';
import { IsInt, IsString, ValidateNested } from 'class-validator';
import type { Response } from 'express';
import request from 'supertest';
import { DomainError, type ErrorKind } from '../errors/index.js';
import {
  ExternalIdParam,
  IsExternalId,
  Nullable,
  Optional,
  PageQuery,
  ResourceIdParam,
  buildOpenApi,
  prepareHttp,
  sealRoutes,
  serveOpenApi,
} from './index.js';

class Item {
  @IsInt()
  count: number;
}

class ThingBody {
  @ApiProperty()
  @IsString()
  code: string;

  @Optional()
  @IsExternalId()
  message_id?: string;

  @Optional()
  @Nullable()
  @IsInt()
  timeout?: number | null;

  @Optional()
  @ValidateNested({ each: true })
  @Type(() => Item)
  items?: Item[];
}

@Controller()
class ThingController {
  @Get('fail/:kind')
  fail(@ExternalIdParam('kind') kind: string): never {
    throw new DomainError(kind as ErrorKind, 'a_code', 'What happened.', {
      details: { hint: 'x' },
      retryAfterSeconds: 1.2,
    });
  }

  @Get('boom')
  boom(): never {
    throw new Error('password=hunter2');
  }

  @Get('gone')
  gone(): never {
    throw new RangeError('connection refused');
  }

  @Get('teapot')
  teapot(): never {
    throw new HttpException('short and stout', 418);
  }

  @Get('half')
  half(@Res() response: Response): never {
    response.write('half of it');
    throw new Error('disk gone');
  }

  @Get('alive')
  alive(): string {
    return 'yes';
  }

  @Get('bytes')
  bytes(@Res({ passthrough: true }) response: Response): never {
    response.set({ ETag: '"x"', 'Content-Disposition': 'attachment' });
    throw new BadRequestException('no');
  }

  @Post('things')
  create(@Body() body: ThingBody): ThingBody {
    return body;
  }

  @Get('things')
  list(@Query() query: PageQuery): PageQuery {
    return query;
  }

  @Get('things/:thing_id')
  show(@ResourceIdParam('thing_id', 'thing') id: string): { id: string } {
    return { id };
  }

  @Get('messages/:message_id')
  message(@ExternalIdParam('message_id') id: string): { id: string } {
    return { id };
  }
}

@Module({ controllers: [ThingController] })
class ThingModule {}

describe('the HTTP layer', () => {
  let app: NestExpressApplication;
  const logged: unknown[][] = [];
  const client = () => request(app.getHttpServer());

  beforeAll(async () => {
    const module = await Test.createTestingModule({ imports: [ThingModule] }).compile();
    module.useLogger({
      log: () => undefined,
      warn: (...line: unknown[]) => logged.push(line),
      error: (...line: unknown[]) => logged.push(line),
    });
    app = module.createNestApplication<NestExpressApplication>({ bodyParser: false });
    app.setGlobalPrefix('api/v1', { exclude: ['alive'] });
    prepareHttp(app, {
      corsOrigins: ['https://chat.example'],
      recognise: (exception) =>
        exception instanceof RangeError
          ? new DomainError('unavailable', 'database_unavailable', 'Gone.', { cause: exception })
          : null,
    });
    serveOpenApi(app, buildOpenApi(app, '1.2.3'));
    await app.init();
    sealRoutes(app);
    await app.listen(0, '127.0.0.1');
  });

  afterAll(async () => await app.close());
  beforeEach(() => logged.splice(0));

  describe('problems', () => {
    it.each([
      ['invalid', 400],
      ['unauthenticated', 401],
      ['forbidden', 403],
      ['not_found', 404],
      ['conflict', 409],
      ['gone', 410],
      ['too_large', 413],
      ['not_satisfiable', 416],
      ['unprocessable', 422],
      ['too_many', 429],
      ['unavailable', 503],
      ['storage_full', 507],
    ])('answers %s with %i', async (kind, status) => {
      const answer = await client().get(`/api/v1/fail/${kind}`).expect(status);
      expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
      expect(answer.headers['retry-after']).toBe('2');
      expect(answer.body).toEqual({
        type: 'about:blank',
        title: expect.any(String),
        status,
        detail: 'What happened.',
        code: 'a_code',
        request_id: answer.headers['x-request-id'],
        details: { hint: 'x' },
      });
    });

    it('challenges who is not authenticated', async () => {
      const answer = await client().get('/api/v1/fail/unauthenticated');
      expect(answer.headers['www-authenticate']).toBe('Bearer realm="mntdata", error="invalid_token"');
    });

    it('tells nothing of what nobody expected, and logs it with the request id', async () => {
      const answer = await client().get('/api/v1/boom').set('X-Request-Id', 'trace-7').expect(500);
      expect(answer.body).toMatchObject({ code: 'internal_error', request_id: 'trace-7' });
      expect(answer.text).not.toContain('hunter2');
      expect(JSON.stringify(logged)).toMatch(/trace-7.*hunter2/);
    });

    it('takes what a driver throws for what it means, and logs why', async () => {
      const answer = await client().get('/api/v1/gone').expect(503);
      expect(answer.body.code).toBe('database_unavailable');
      expect(answer.text).not.toContain('refused');
      expect(JSON.stringify(logged)).toMatch(/database_unavailable.*connection refused/);
    });

    it('logs the route of a failure, not what stood in its path', async () => {
      await client().get('/api/v1/fail/unavailable').expect(503);
      expect(JSON.stringify(logged)).toContain('GET /api/v1/fail/:kind answered 503 a_code');
      expect(JSON.stringify(logged)).not.toContain('/unavailable');
    });

    it('cuts an answer off that had begun', async () => {
      await expect(client().get('/api/v1/half')).rejects.toThrow(/aborted|hang up/);
    });

    it('keeps the headers of the bytes away from the problem', async () => {
      const answer = await client().get('/api/v1/bytes').expect(400);
      expect(answer.headers).not.toHaveProperty('etag');
      expect(answer.headers).not.toHaveProperty('content-disposition');
    });

    it("takes Nest's own exceptions", async () => {
      const answer = await client().get('/api/v1/teapot').expect(418);
      expect(answer.body).toMatchObject({ code: 'i_m_a_teapot', detail: 'short and stout.' });
    });

    it.each([
      ['malformed JSON', '{"code":', 'application/json', 400, 'malformed_json'],
      [
        'a body past the limit',
        JSON.stringify({ code: 'x'.repeat(9_000_000) }),
        'application/json',
        413,
        'body_too_large',
      ],
      ['a form', 'code=1', 'application/x-www-form-urlencoded', 415, 'unsupported_media_type'],
      ['a charset nobody knows', '{}', 'application/json; charset=klingon', 415, 'unsupported_charset'],
    ])('answers %s', async (_what, body, type, status, code) => {
      const answer = await client()
        .post('/api/v1/things')
        .set('Content-Type', type)
        .send(body)
        .expect(status);
      expect(answer.body).toMatchObject({ status, code });
      expect(answer.headers['x-request-id']).toBe(answer.body.request_id);
    });

    it('answers a body whose bytes are no text, packed or not', async () => {
      const send = (body: Buffer, headers: Record<string, string> = {}) =>
        client()
          .post('/api/v1/things')
          .set({ 'Content-Type': 'application/json', ...headers })
          .serialize((bytes: unknown) => bytes as string)
          .send(body);
      const broken = await send(Buffer.from([...Buffer.from('{"code":"'), 0xff, ...Buffer.from('"}')]));
      expect(broken.body).toMatchObject({ status: 400, code: 'malformed_json' });
      for (const encoding of ['gzip', 'deflate', 'br']) {
        const unpacked = await send(Buffer.from('{"code":"1"}'), { 'Content-Encoding': encoding });
        expect(unpacked.body).toMatchObject({ status: 400, code: 'malformed_encoding' });
      }
    });

    it.each([
      ['is not HTTP', 'NONSENSE\r\n\r\n', 400, 'malformed_request'],
      ['has endless headers', `GET / HTTP/1.1\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`, 431, 'headers_too_large'],
    ])('answers what %s', async (_what, sent, status, code) => {
      const socket = connect((app.getHttpServer().address() as AddressInfo).port, '127.0.0.1');
      socket.write(sent);
      const [head = '', body = ''] = (await text(socket)).split('\r\n\r\n');
      expect(head).toMatch(new RegExp(`^HTTP/1.1 ${String(status)} .*application/problem\\+json`, 's'));
      expect(JSON.parse(body)).toMatchObject({ status, code, request_id: expect.any(String) as string });
    });

    it('answers a path that is no valid encoding', async () => {
      expect((await client().get('/api/v1/things/%zz').expect(400)).body.status).toBe(400);
    });
  });

  describe('routes that are not there', () => {
    it.each(['/api/v1/nothing?token=secret', '/nothing?token=secret', '/'])(
      'answers 404 for %s',
      async (path) => {
        const answer = await client().get(path).expect(404);
        expect(answer.body).toMatchObject({ code: 'route_not_found' });
        expect(answer.text).not.toContain('secret');
      },
    );

    it.each([
      ['put', '/api/v1/things', 'GET, HEAD, POST'],
      ['delete', '/api/v1/things/x', 'GET, HEAD'],
      ['delete', '/docs-json', 'GET, HEAD'],
      ['post', '/alive', 'GET, HEAD'],
    ] as const)('answers %s %s with 405 and what is allowed', async (method, path, allowed) => {
      const answer = await client()[method](path).expect(405);
      expect(answer.headers.allow).toBe(allowed);
      expect(answer.body.code).toBe('method_not_allowed');
    });
  });

  describe('request ids', () => {
    it('takes a sane one', async () => {
      const answer = await client().get('/api/v1/things').set('X-Request-Id', 'a-1');
      expect(answer.headers['x-request-id']).toBe('a-1');
    });

    it.each(['x'.repeat(129), 'with blank', 'ünicode', ''])('makes its own instead of %j', async (id) => {
      const answer = await client().get('/api/v1/things').set('X-Request-Id', id);
      expect(answer.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
    });
  });

  describe('validation', () => {
    const post = (body: object) => client().post('/api/v1/things').send(body);

    it('takes what fits', async () => {
      const body = { code: '1', message_id: 'm', timeout: null, items: [{ count: 1 }] };
      expect((await post(body).expect(201)).body).toEqual(body);
    });

    it.each([
      ['a missing field', {}, 'code'],
      ['an undeclared field', { code: '', more: 1 }, 'more'],
      ['null for an optional field', { code: '', message_id: null }, 'message_id'],
      ['a nested field', { code: '', items: [{ count: 1 }, { count: 'x' }] }, 'items.1.count'],
      ['an undeclared nested field', { code: '', items: [{ count: 1, x: 2 }] }, 'items.0.x'],
      ['an entry that is no object', { code: '', items: [7] }, 'items.0'],
    ])('names %s', async (_what, body, field) => {
      const answer = await post(body).expect(400);
      expect(answer.body).toMatchObject({ code: 'validation_failed' });
      expect(answer.body.errors).toEqual([{ field, message: expect.any(String) }]);
    });

    it.each([[[]], ['text'], [null], [7]])('refuses the body %j', async (body) => {
      const send = client().post('/api/v1/things').set('Content-Type', 'application/json');
      await send.send(JSON.stringify(body)).expect(400);
    });

    it('stays small for a body with thousands of wrong fields', async () => {
      const wrong = (count: number) =>
        Object.fromEntries(Array.from({ length: count }, (_, i) => [`field${i}`, 1]));
      const answer = await post({ code: '', ...wrong(60) }).expect(400);
      expect(answer.body.errors).toHaveLength(50);
      const refused = await post({ code: '', ...wrong(3000) }).expect(400);
      expect(refused.body.code).toBe('body_too_complex');
    });
  });

  describe('pages', () => {
    it('has 50 entries unless asked', async () => {
      expect((await client().get('/api/v1/things').expect(200)).body).toEqual({ limit: 50 });
      expect((await client().get('/api/v1/things?limit=200').expect(200)).body).toEqual({ limit: 200 });
    });

    it.each([
      'limit=0',
      'limit=201',
      'limit=',
      'limit=1e1',
      'limit=x',
      'limit=1&limit=2',
      'cursor=',
      'page=2',
    ])('refuses ?%s', async (query) => {
      await client().get(`/api/v1/things?${query}`).expect(400);
    });
  });

  describe('ids', () => {
    it('answers 404 for an id of ours that is no UUID', async () => {
      expect((await client().get('/api/v1/things/7').expect(404)).body.code).toBe('thing_not_found');
      const id = '01890A5D-AC96-774B-BCCE-B302099A8057';
      expect((await client().get(`/api/v1/things/${id}`).expect(200)).body.id).toBe(id.toLowerCase());
    });

    it.each(['a/b', 'ünï cödé', '%', '😀', '...', 'x'.repeat(255)])('takes %j of a client', async (id) => {
      const answer = await client()
        .get(`/api/v1/messages/${encodeURIComponent(id)}`)
        .expect(200);
      expect(answer.body.id).toBe(id);
    });

    it.each(['%00', 'a%0Ab', '%E2%80%A8', 'x'.repeat(256), '..', '.', '%2E%2E'])(
      'refuses %s',
      async (path) => {
        const { port } = app.getHttpServer().address() as AddressInfo;
        // Clients resolve dots away before they send.
        const answer = await new Promise<IncomingMessage>((resolve) =>
          get({ port, path: `/api/v1/messages/${path}` }, resolve),
        );
        expect(answer.statusCode).toBe(400);
        expect(JSON.parse(await text(answer))).toMatchObject({ code: 'invalid_id' });
      },
    );
  });

  describe('headers', () => {
    it('closes every answer by default', async () => {
      const { headers } = await client().get('/api/v1/things');
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'cache-control': 'no-store',
        'content-security-policy': expect.stringContaining("default-src 'none'"),
      });
      expect(headers).not.toHaveProperty('x-powered-by');
    });

    it('lets the configured origins in, without credentials', async () => {
      const preflight = await client()
        .options('/api/v1/things')
        .set({ Origin: 'https://chat.example', 'Access-Control-Request-Method': 'POST' });
      expect(preflight.headers['access-control-allow-origin']).toBe('https://chat.example');
      expect(preflight.headers).not.toHaveProperty('access-control-allow-credentials');
      const answer = await client().get('/nothing').set('Origin', 'https://chat.example').expect(404);
      expect(answer.headers['access-control-expose-headers']).toMatch(/Location,ETag,Content-Disposition/);
      const foreign = await client().get('/nothing').set('Origin', 'https://evil.example');
      expect(foreign.headers).not.toHaveProperty('access-control-allow-origin');
    });
  });

  describe('documentation', () => {
    it('describes who may use an operation and its errors', async () => {
      const { body } = await client().get('/docs-json').expect(200);
      const operation = body.paths['/api/v1/messages/{message_id}'].get;
      expect(Object.keys(operation.responses)).toEqual(
        expect.arrayContaining(['400', '401', '429', '500', '503']),
      );
      expect(operation.security).toEqual([{ bearer: [] }, { bearer: [], user: [] }]);
      expect(operation.parameters).toEqual([
        {
          name: 'message_id',
          in: 'path',
          required: true,
          schema: expect.objectContaining({ maxLength: 255 }),
        },
      ]);
    });

    it('has a page that loads only from its own origin', async () => {
      const page = await client().get('/docs').expect(200);
      expect(page.headers['content-security-policy']).toContain("script-src 'self'");
      expect(page.text).not.toMatch(/(src|href)=["'](https?:)?\/\//);
      const scripts = [...page.text.matchAll(/<script src="([^"]+)"/g)].map(([, path]) => path!);
      expect(scripts).toHaveLength(3);
      for (const path of scripts) await client().get(new URL(path, 'http://x/docs').pathname).expect(200);
      expect(page.text).not.toMatch(/<script>/);
    });
  });
});
