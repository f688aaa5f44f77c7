import { applyDecorators } from '@nestjs/common';
import { ApiHeader, ApiResponse } from '@nestjs/swagger';

const HEADERS = {
  'Accept-Ranges': { schema: { type: 'string' as const }, description: '`bytes`' },
  'Content-Disposition': {
    schema: { type: 'string' as const },
    description: 'With the name to save under, as RFC 6266 says.',
  },
  ETag: { schema: { type: 'string' as const }, description: 'The SHA-256 of the content.' },
};

const BYTES = { '*/*': { schema: { type: 'string' as const, format: 'binary' } } };

/** Documents an operation that answers with the bytes of a file. */
export function ApiContent(): MethodDecorator {
  return applyDecorators(
    ApiHeader({ name: 'Range', required: false, description: 'One range of bytes, such as `bytes=0-1023`.' }),
    ApiHeader({
      name: 'If-None-Match',
      required: false,
      description: 'An `ETag` of before: 304 if unchanged.',
    }),
    ApiResponse({ status: 200, description: 'The content.', headers: HEADERS, content: BYTES }),
    ApiResponse({ status: 206, description: 'The range of it.', headers: HEADERS, content: BYTES }),
    ApiResponse({ status: 304, description: 'The client has it already.' }),
  );
}
