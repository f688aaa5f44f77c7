import { ApiProperty } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { ArrayMaxSize, ArrayMinSize, ValidateBy } from 'class-validator';
import { ExecutionLinksQuery } from '../execution.dto.js';
import { readFollowed } from './followed.js';

/** More would be more than a page shows, and each may hold megabytes. */
const MOST_FOLLOWED = 32;

/** What {@link readFollowed} reads. */
function IsFollowed(): PropertyDecorator {
  return ValidateBy(
    {
      name: 'isFollowed',
      validator: {
        validate: (value) => readFollowed(value) !== null,
        defaultMessage: () => 'each $property must be the id of an execution or of an event of this stream',
      },
    },
    { each: true },
  );
}

export class FollowQuery extends ExecutionLinksQuery {
  @ApiProperty({
    type: [String],
    minItems: 1,
    maxItems: MOST_FOLLOWED,
    description:
      'Executions to follow: the id of one, or the id of the last event that the client has of it. May be repeated.',
    example: ['01890a5d-ac96-774b-bcce-b302099a8057', '01890a5d-ac96-774b-bcce-b302099a8058:7'],
  })
  @Transform(({ value }: { value: unknown }): unknown[] => (Array.isArray(value) ? value : [value]))
  @ArrayMinSize(1)
  @ArrayMaxSize(MOST_FOLLOWED)
  @IsFollowed()
  follow: string[];
}
