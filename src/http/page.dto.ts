import { applyDecorators, type Type } from '@nestjs/common';
import { ApiExtraModels, ApiOkResponse, ApiPropertyOptional, getSchemaPath } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsInt, IsString, Max, MaxLength, Min, MinLength } from 'class-validator';
import { encodeCursor, type Cursor } from './cursor.js';
import { Optional } from './optional.decorator.js';

/** Query of every list; extend it with the list's own filters. */
export class PageQuery {
  @ApiPropertyOptional({
    description: 'Entries per page.',
    type: 'integer',
    minimum: 1,
    maximum: 200,
    default: 50,
  })
  @QueryInteger()
  @IsInt()
  @Min(1)
  @Max(200)
  limit = 50;

  @ApiPropertyOptional({
    description: 'The `next_cursor` of the page before.',
    minLength: 1,
    maxLength: 2048,
    type: String,
  })
  @Optional()
  @IsString()
  @MinLength(1)
  @MaxLength(2048)
  cursor?: string;
}

/** One page of a list, newest first. */
export interface Page<T> {
  items: T[];
  /** Send it as `cursor` to get the next page; null on the last. */
  next_cursor: string | null;
}

/** Decimal digits of a query as a number; anything else stays as it is, for the validators to refuse. */
export function QueryInteger(): PropertyDecorator {
  return Transform(({ value }: { value: unknown }) =>
    typeof value === 'string' && /^-?\d{1,15}$/.test(value) ? Number(value) : value,
  );
}

/**
 * Makes a page of rows that were fetched with `limit + 1`: the row too many only tells that there is a next page.
 */
export function pageOf<Row, Item>(
  rows: readonly Row[],
  limit: number,
  shape: { cursor: (row: Row) => Cursor; item: (row: Row) => Item },
): Page<Item> {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return {
    items: shown.map(shape.item),
    next_cursor: rows.length > limit && last !== undefined ? encodeCursor(shape.cursor(last)) : null,
  };
}

/** Documents a 200 with a page of `Item`. */
export function ApiPage(item: Type, description: string): MethodDecorator & ClassDecorator {
  return applyDecorators(
    ApiExtraModels(item),
    ApiOkResponse({
      description,
      schema: {
        type: 'object',
        required: ['items', 'next_cursor'],
        properties: {
          items: { type: 'array', items: { $ref: getSchemaPath(item) } },
          next_cursor: {
            type: 'string',
            nullable: true,
            description: 'Send it as `cursor` to get the next page; null on the last.',
          },
        },
      },
    }),
  );
}
