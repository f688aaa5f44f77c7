import type { WorkspaceKind } from './workspace.entity.js';

/** Which workspace a request means: unique with the caller. */
export interface WorkspaceReference {
  kind: WorkspaceKind;
  externalId: string;
}

export type WorkspaceScope = 'message' | 'chat';

/**
 * The workspace of a run: with scope `message` its message's, else its chat's; with scope `chat` its chat's,
 * else its message's; with neither id a workspace of its own under `fallbackId`.
 */
export function workspaceOf(
  ids: { messageId: string | null; chatId: string | null },
  scope: WorkspaceScope,
  fallbackId: string,
): WorkspaceReference {
  const message: WorkspaceReference | null =
    ids.messageId === null ? null : { kind: 'message', externalId: ids.messageId };
  const chat: WorkspaceReference | null =
    ids.chatId === null ? null : { kind: 'chat', externalId: ids.chatId };
  const [first, second] = scope === 'message' ? [message, chat] : [chat, message];
  return first ?? second ?? { kind: 'own', externalId: fallbackId };
}

/** The kinds under which a `workspace_id` of a path is looked up, in order. */
export function lookupOrder(scope: WorkspaceScope): WorkspaceKind[] {
  return scope === 'message' ? ['message', 'chat', 'own'] : ['chat', 'message', 'own'];
}
