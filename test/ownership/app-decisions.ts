import { isDeepStrictEqual } from 'node:util';
import type { Answer, Decision, Decisions, Expected, Sending } from './decision.js';
import { generatedPath, mark, type OwnedThings } from './owned-things.js';

/** An id of nothing, to show that who may use an operation gets past the guard. */
const nothing = '01890a5d-ac96-774b-bcce-b302099a8057';

/** What is decided about every operation of the service. */
export function appDecisions(things: OwnedThings, ownerId: string): Decisions {
  return prefixed({
    ...fileDecisions(things),
    ...executionDecisions(things),
    ...workspaceDecisions(things),
    ...downloadDecisions(things),
    ...adminDecisions(ownerId),
    'GET /me': { access: 'caller', send: {}, foreigner: withoutTrace, allowed: 200 },
    'POST /auth/tokens': { access: 'service', send: { body: { user_id: ownerId } }, allowed: 201 },
    'GET /chats': { access: 'caller', send: {}, foreigner: emptyPage, allowed: pageOf(1) },
    'DELETE /chats/{chat_id}': {
      ...merelyUnknown({ params: { chat_id: things.chatId } }, 204),
      allowed: 204,
      removes: 9,
    },
  });
}

function fileDecisions({ messageId, chatId, attachedId, generatedId }: OwnedThings): Decisions {
  const files = [attachedId, generatedId];
  return {
    'GET /files': [
      { access: 'caller', send: {}, foreigner: withoutTrace, allowed: pageOf(2) },
      {
        access: 'caller',
        send: { query: { message_id: messageId } },
        foreigner: withoutTrace,
        allowed: pageOf(2),
      },
      { access: 'caller', send: { query: { chat_id: chatId } }, foreigner: withoutTrace, allowed: pageOf(2) },
    ],
    'POST /files': {
      access: 'caller',
      send: { body: anUpload(`${messageId}-2`) },
      foreigner: 201,
      allowed: 201,
      removes: 1,
    },
    'GET /files/{file_id}': files.map((id) => owned({ params: { file_id: id } }, 200)),
    'DELETE /files/{file_id}': files.map((id) => ({
      ...owned({ params: { file_id: id } }, 204),
      removes: 8,
    })),
    'PUT /messages/{message_id}/attachments': {
      ...owned({ params: { message_id: `${messageId}-3` }, body: { file_ids: files } }, 200),
      removes: 1,
    },
  };
}

function executionDecisions({ messageId, chatId, attachedId, executionId }: OwnedThings): Decisions {
  const params = { execution_id: executionId };
  return {
    'GET /executions': [
      { access: 'caller', send: {}, foreigner: withoutTrace, allowed: pageOf(1) },
      {
        access: 'caller',
        send: { query: { message_id: messageId } },
        foreigner: emptyPage,
        allowed: pageOf(1),
      },
      { access: 'caller', send: { query: { chat_id: chatId } }, foreigner: emptyPage, allowed: pageOf(1) },
    ],
    'POST /executions': {
      ...owned(
        {
          headers: { Prefer: 'respond-async' },
          body: { code: '1', message_id: `${messageId}-4`, file_ids: [attachedId] },
        },
        202,
      ),
      removes: 2,
    },
    'GET /executions/events': owned({ query: { follow: executionId } }, 200),
    'GET /executions/{execution_id}': owned({ params }, 200),
    'GET /executions/{execution_id}/events': owned({ params }, 200),
    'GET /executions/{execution_id}/output': owned({ params }, 200),
    'DELETE /executions/{execution_id}': {
      ...owned({ params }, ({ status }) => (status === 202 || status === 204 ? null : `${status}`)),
      removes: 3,
    },
  };
}

function workspaceDecisions({ messageId, workspaceId }: OwnedThings): Decisions {
  const byMessage = { workspace_id: messageId };
  const byId = { workspace_id: workspaceId };
  const both = [byMessage, byId];
  const copy = { message_id: 'a-copy' };
  return {
    'GET /workspaces': { access: 'caller', send: {}, foreigner: withoutTrace, allowed: 200 },
    'GET /workspaces/{workspace_id}': both.map((params) => owned({ params }, 200)),
    'GET /workspaces/{workspace_id}/prompt': both.map((params) => ({
      ...merelyUnknown({ params }, 200),
      allowed: mentionsMark,
    })),
    'POST /workspaces/{workspace_id}/restart': both.map((params) => ({
      ...owned({ params }, 200),
      removes: 4,
    })),
    'POST /workspaces/{workspace_id}/copy': both.map((params) => ({
      ...owned({ params, body: copy }, 201),
      removes: 5,
    })),
    'DELETE /workspaces/{workspace_id}': [
      { ...owned({ params: byId }, 204), removes: 6 },
      // By then it is gone.
      { ...owned({ params: byMessage }, 404), removes: 7 },
    ],
  };
}

function downloadDecisions({
  messageId,
  chatId,
  attachedId,
  generatedId,
  linkToken,
}: OwnedThings): Decisions {
  const params = { message_id: messageId };
  const files = [generatedId, attachedId];
  const generated = { file_id: generatedId };
  return {
    'GET /files/{file_id}/content': files.map((id) => owned({ params: { file_id: id } }, 200)),
    'HEAD /files/{file_id}/content': files.map((id) => owned({ params: { file_id: id } }, 200)),
    'GET /downloads/code-execution/{message_id}/files': {
      access: 'caller',
      send: { params },
      foreigner: exactly([]),
      allowed: mentionsMark,
    },
    'GET /downloads/code-execution/chat/{chat_id}/files': {
      access: 'caller',
      send: { params: { chat_id: chatId } },
      foreigner: exactly({ chat_id: chatId, total_files: 0, messages: {} }),
      allowed: mentionsMark,
    },
    'GET /downloads/code-execution/{message_id}/archive': owned({ params }, 200),
    'GET /downloads/code-execution/{message_id}/resolve': owned(
      { params, query: { path: `/mnt/data/${generatedPath}` } },
      200,
    ),
    'GET /downloads/code-execution/file/{file_id}': [
      owned({ params: generated }, 200),
      // That it was attached is the owner's to know.
      owned({ params: { file_id: attachedId } }, 403),
    ],
    'POST /downloads/code-execution/file/{file_id}/links': files.map((id) =>
      owned({ params: { file_id: id }, body: {} }, 201),
    ),
    'DELETE /downloads/code-execution/file/{file_id}/links': {
      ...owned({ params: generated }, 204),
      removes: 7,
    },
    'GET /downloads/shared/{token}': [
      { access: 'public', send: { params: { token: linkToken } }, allowed: mentionsMark },
      { access: 'public', send: { params: { token: forged(linkToken) } }, allowed: 404 },
    ],
  };
}

function adminDecisions(ownerId: string): Decisions {
  const admin = (send: Sending, allowed: Expected): Decision => ({ access: 'admin', send, allowed });
  return {
    'GET /admin/stats': admin({}, 200),
    'GET /admin/workspaces': admin({}, 200),
    'GET /admin/kernels': admin({}, 200),
    'GET /admin/executions': admin({}, 200),
    'POST /admin/cleanup': admin({ body: { dry_run: true } }, 200),
    'GET /admin/api-keys': admin({}, 200),
    'POST /admin/api-keys': admin({ body: { name: 'k', kind: 'user', user_id: ownerId } }, 201),
    'DELETE /admin/api-keys/{api_key_id}': admin({ params: { api_key_id: nothing } }, 404),
    'DELETE /admin/users/{user_id}/data': {
      ...admin({ params: { user_id: ownerId } }, 204),
      removes: 10,
    },
    'GET !/metrics': admin({}, 200),
    'GET !/health/live': { access: 'public', send: {}, allowed: 200 },
    // Whether the engine runs is not what is asked here.
    'GET !/health/ready': { access: 'public', send: {}, allowed: readyOrNot },
  };
}

/** An operation on a thing with an owner: for everybody else it is not there. */
function owned(send: Sending, allowed: Expected): Decision {
  return { access: 'caller', send, foreigner: absent, allowed };
}

/** An operation on an id that the client made: for others it names nothing, and nothing of the owner shows. */
function merelyUnknown(send: Sending, status: number): Omit<Decision, 'allowed'> {
  const foreigner = (answer: Answer): string | null =>
    answer.status === status ? withoutTrace(answer) : `${answer.status} instead of ${status}`;
  return { access: 'caller', send, foreigner };
}

function absent(answer: Answer): string | null {
  return answer.status === 404 ? null : `${answer.status} instead of 404: ${answer.text.slice(0, 300)}`;
}

function withoutTrace({ status, text }: Answer): string | null {
  if (status >= 400) return `${status}: ${text.slice(0, 300)}`;
  return text.includes(mark) ? `it shows what belongs to the owner: ${text.slice(0, 300)}` : null;
}

function emptyPage(answer: Answer): string | null {
  return pageOf(0)(answer);
}

function pageOf(count: number): (answer: Answer) => string | null {
  return ({ status, text }) => {
    if (status !== 200) return `${status}: ${text.slice(0, 300)}`;
    const { items } = JSON.parse(text) as { items: unknown[] };
    return items.length === count ? null : `${items.length} items instead of ${count}: ${text.slice(0, 300)}`;
  };
}

/** One character of its signature is another. */
function forged(token: string): string {
  const at = token.length - 10;
  return `${token.slice(0, at)}${token[at] === 'A' ? 'B' : 'A'}${token.slice(at + 1)}`;
}

function exactly(expected: unknown): (answer: Answer) => string | null {
  return ({ status, text }) =>
    status === 200 && isDeepStrictEqual(JSON.parse(text), expected)
      ? null
      : `${status}: ${text.slice(0, 300)}`;
}

function mentionsMark({ status, text }: Answer): string | null {
  return status === 200 && text.includes(mark)
    ? null
    : `${status} without the owner's files: ${text.slice(0, 300)}`;
}

function readyOrNot({ status, text }: Answer): string | null {
  if (status !== 200 && status !== 503) return `${status}: ${text.slice(0, 300)}`;
  return text.includes('detail') ? `it tells causes: ${text.slice(0, 300)}` : null;
}

function anUpload(messageId: string): FormData {
  const form = new FormData();
  form.set('message_id', messageId);
  form.append('file', new Blob(['1\n']), 'a.csv');
  return form;
}

/** Paths begin with `/api/v1`, except those with a `!` before them. */
function prefixed(decisions: Decisions): Decisions {
  return Object.fromEntries(
    Object.entries(decisions).map(([name, decision]) => [
      name.includes(' !') ? name.replace(' !', ' ') : name.replace(' ', ' /api/v1'),
      decision,
    ]),
  );
}
