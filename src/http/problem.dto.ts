import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';

/** One thing that is wrong with one field of the request. */
export class FieldProblem {
  @ApiProperty({ description: 'The field, nested ones with dots.', example: 'file_ids.0' })
  field: string;

  @ApiProperty({ example: 'file_ids.0 must be a UUID' })
  message: string;
}

/** An error as RFC 9457 shapes it (`application/problem+json`). */
export class Problem {
  @ApiProperty({ description: 'Always `about:blank`: `code` tells errors apart.', example: 'about:blank' })
  type: string;

  @ApiProperty({ description: 'The name of the status.', example: 'Bad Request' })
  title: string;

  @ApiProperty({ description: 'The HTTP status.', example: 400, minimum: 400, maximum: 599 })
  status: number;

  @ApiProperty({ description: 'What happened, to what, and what to do.' })
  detail: string;

  @ApiProperty({ description: 'Stable name of the error, for programs.', example: 'validation_failed' })
  code: string;

  @ApiProperty({ description: 'As in the header `X-Request-Id`; the log of the service has it too.' })
  request_id: string;

  @ApiPropertyOptional({ description: 'The fields of the request that are wrong.', type: [FieldProblem] })
  errors?: FieldProblem[];

  @ApiPropertyOptional({ description: 'More about this error.', type: 'object', additionalProperties: true })
  details?: Record<string, unknown>;
}
