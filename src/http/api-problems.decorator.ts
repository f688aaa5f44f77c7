import { applyDecorators } from '@nestjs/common';
import { ApiExtraModels, ApiResponse, getSchemaPath } from '@nestjs/swagger';
import { titleOf } from './failure.js';
import { Problem } from './problem.dto.js';

/** What a status means when an operation says nothing more precise. */
const descriptions: Readonly<Record<number, string>> = {
  400: 'The request is not valid; `errors` names the fields.',
  401: 'No credentials, or none that count.',
  403: 'The caller may not do this.',
  404: 'It is absent, or belongs to somebody else.',
  409: 'Its state does not allow this now.',
  410: 'It was there and has expired.',
  413: 'Too large.',
  415: 'The body is not of a type that this takes.',
  416: 'The range lies outside of the content.',
  422: 'The request contradicts an earlier one.',
  429: 'Too many requests; `Retry-After` tells when to come again.',
  500: 'The service failed; its log tells more under the `request_id`.',
  503: 'A part of the service is not available; `Retry-After` tells when to come again.',
  507: 'There is no space left to store it.',
};

/** The response object of a status, as OpenAPI wants it. */
export function problemResponse(status: number): {
  description: string;
  content: Record<string, { schema: { $ref: string } }>;
} {
  return {
    description: descriptions[status] ?? titleOf(status),
    content: { 'application/problem+json': { schema: { $ref: getSchemaPath(Problem) } } },
  };
}

/** Documents the errors of an operation, e.g. `@ApiProblems(400, 404)`; those of every operation are added anyway. */
export function ApiProblems(...statuses: number[]): MethodDecorator & ClassDecorator {
  return applyDecorators(
    ApiExtraModels(Problem),
    ...statuses.map((status) => ApiResponse({ status, ...problemResponse(status) })),
  );
}
