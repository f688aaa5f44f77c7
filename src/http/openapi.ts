import type { NestExpressApplication } from '@nestjs/platform-express';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import type { NextFunction, Request, Response } from 'express';
import { problemResponse } from './api-problems.decorator.js';
import { Problem } from './problem.dto.js';

type PathItem = OpenAPIObject['paths'][string];
type Operation = NonNullable<PathItem['get']> & { 'x-access'?: string };

const methods = ['get', 'put', 'post', 'delete', 'patch', 'options', 'head', 'trace'] as const;

const description = `
The code interpreter behind a chat: it runs Python in a sealed Jupyter kernel per message, and keeps the files it makes.

**Credentials.** Send \`Authorization: Bearer\` with a JSON Web Token or an API key (\`mnt_…\`). A service key, which
belongs to a chat backend, also names the user in \`X-User-Id\`. Press *Authorize* to use them here.

**Errors** are RFC 9457 problems (\`application/problem+json\`); programs tell them apart by \`code\`.
**Lists** give \`{items, next_cursor}\`, newest first. **Times** are ISO 8601 in UTC. What belongs to somebody else
answers as if it were not there.`.trim();

const tags: Readonly<Record<string, string>> = {
  Executions: 'Run code.',
  Files: 'Attach files, list and read them.',
  Downloads: 'Files made by code, by message and by chat.',
  Workspaces: 'The directories that code sees as `/mnt/data`.',
  Chats: 'All that belongs to one chat.',
  Account: 'The caller.',
  Authentication: 'Tokens for the users of a service.',
  Admin: 'For admins only.',
  Health: 'For probes and monitoring.',
};

/** Statuses that any operation with credentials may answer, whatever it does. */
const commonStatuses = [400, 401, 429, 500, 503];
const publicStatuses = [500];
/** Those of any operation with a body. */
const bodyStatuses = [413, 415];

/** Swagger UI brings all it needs; only its inline styles need leave. */
const docsPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

/** The OpenAPI document of the application; it is the same for the same code, whatever the configuration. */
export function buildOpenApi(app: NestExpressApplication, version: string): OpenAPIObject {
  const builder = new DocumentBuilder()
    .setTitle('mntdata')
    .setDescription(description)
    .setVersion(version)
    .setLicense('Apache-2.0', 'https://www.apache.org/licenses/LICENSE-2.0')
    .addBearerAuth(
      { type: 'http', scheme: 'bearer', description: 'A JSON Web Token or an API key.' },
      'bearer',
    )
    .addApiKey(
      { type: 'apiKey', in: 'header', name: 'X-User-Id', description: 'With a service key only: the user.' },
      'user',
    );
  for (const [name, meaning] of Object.entries(tags)) builder.addTag(name, meaning);
  const document = SwaggerModule.createDocument(app, builder.build(), {
    extraModels: [Problem],
    operationIdFactory: (_controller, method) => method,
  });
  for (const operation of operationsOf(document)) complete(operation);
  return document;
}

/** Adds to an operation what follows from who may use it, and from having a body. */
function complete(operation: Operation): void {
  const isPublic = operation['x-access'] === 'public';
  operation['x-access'] ??= 'caller';
  operation.security = isPublic ? [] : [{ bearer: [] }, { bearer: [], user: [] }];
  const statuses = isPublic ? publicStatuses : commonStatuses;
  for (const status of operation.requestBody === undefined ? statuses : [...statuses, ...bodyStatuses])
    operation.responses[status] ??= problemResponse(status);
}

function operationsOf(document: OpenAPIObject): Operation[] {
  return Object.values(document.paths).flatMap((path) =>
    methods.flatMap((method) => (path[method] === undefined ? [] : [path[method]])),
  );
}

/** Serves the document at `/docs-json` and Swagger UI at `/docs`, without any resource from outside. */
export function serveOpenApi(app: NestExpressApplication, document: OpenAPIObject): void {
  app.use('/docs', (_request: Request, response: Response, next: NextFunction) => {
    response.set({ 'Content-Security-Policy': docsPolicy, 'Cache-Control': 'no-cache' });
    next();
  });
  SwaggerModule.setup('docs', app, document, {
    raw: ['json'],
    customSiteTitle: 'mntdata API',
    swaggerOptions: {
      displayRequestDuration: true,
      tryItOutEnabled: true,
      // Else Swagger UI sends the address of the document to a service outside.
      validatorUrl: 'none',
    },
  });
}
