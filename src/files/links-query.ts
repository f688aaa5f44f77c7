import { applyDecorators } from '@nestjs/common';
import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsInt, Max, Min } from 'class-validator';
import { Optional, QueryInteger } from '../http/index.js';
import { MAX_LINK_SECONDS } from './links.service.js';

/** The field `links` of bodies: seconds that signed links of files shall be valid. */
export function LinkSeconds(): PropertyDecorator {
  return applyDecorators(
    ApiPropertyOptional({
      type: 'integer',
      minimum: 1,
      maximum: MAX_LINK_SECONDS,
      description: 'Give every file and stored image a signed link that is valid for so many seconds.',
    }),
    Optional(),
    IsInt(),
    Min(1),
    Max(MAX_LINK_SECONDS),
  );
}

/** The same as a query parameter. */
export function LinkSecondsQuery(): PropertyDecorator {
  return applyDecorators(LinkSeconds(), QueryInteger());
}
