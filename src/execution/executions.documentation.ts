import { applyDecorators } from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiExtraModels,
  ApiHeader,
  ApiOkResponse,
  ApiOperation,
  getSchemaPath,
} from '@nestjs/swagger';
import { ApiProblems } from '../http/index.js';
import { ExecutionDto } from './execution.dto.js';

export const EVENTS_DESCRIPTION = `Server-sent events; \`data\` is always one JSON object. \`started\` comes at once and
\`finished\` last, both with the execution; between them \`stdout\`, \`stderr\` (\`{text}\`), \`display\` (an entry of
\`outputs\` with its \`index\`; the same index again replaces it), \`error\`, and at the end \`file\`. \`reset\` brings the
execution so far when earlier events are not kept any more. Ids count up; a client that goes away does not stop the run.`;

export const ALL_EVENTS_DESCRIPTION = `One stream for all that a page shows: browsers keep few connections to a server
open. The events are those of each execution; \`data\` also has \`execution_id\`, and an event's id is the execution's with
a number behind it, as \`follow\` takes it to go on. The stream ends when all executions have. When one of them is not the
caller's, the answer is 404, and nothing is told.`;

/** What the document says of `POST /executions`. */
export function ApiExecute(): MethodDecorator {
  return applyDecorators(
    ApiOperation({
      operationId: 'execute',
      summary: 'Run code',
      description:
        'Runs Python in the workspace of the message (else of the chat, else a new one), which the code sees as ' +
        '`/mnt/data`, and answers when it ended. A Python error, a time-out, a dead or stopped kernel is a result ' +
        'with its `status`, not an HTTP error. Variables live until the next run of the same workspace. A client ' +
        'that goes away does not stop the run. With `Accept: text/event-stream` the answer is the stream of `…/events`.',
    }),
    ApiHeader({
      name: 'Prefer',
      required: false,
      description: '`respond-async`: 202 with `Location` at once.',
    }),
    ApiHeader({
      name: 'Idempotency-Key',
      required: false,
      description: 'Within 24 hours the same key and body join or repeat the same execution.',
    }),
    ApiExtraModels(ExecutionDto),
    ApiOkResponse({
      description: 'The execution ended.',
      content: {
        'application/json': { schema: { $ref: getSchemaPath(ExecutionDto) } },
        'text/event-stream': { schema: { type: 'string' } },
      },
    }),
    ApiAcceptedResponse({ description: 'It was taken; `Location` tells where to look.', type: ExecutionDto }),
    ApiProblems(400, 404, 413, 422, 429, 503, 507),
  );
}
