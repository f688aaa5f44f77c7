import { createHash } from 'node:crypto';
import type { INestApplication } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { newId } from '../../src/database/index.js';
import { StoredFile } from '../../src/files/index.js';
import { Workspace } from '../../src/workspaces/index.js';
import type { Credentials } from './decision.js';

/** Something of every kind that a user can own, by its id. */
export interface OwnedThings {
  messageId: string;
  chatId: string;
  attachedId: string;
  generatedId: string;
  executionId: string;
  /** Our own id of the workspace of that message; on the wire it is named by the message's as well. */
  workspaceId: string;
  /** Of a signed link to the generated file. */
  linkToken: string;
}

/** A word in the content and the names of all that is owned: no answer to a stranger may hold it. */
export const mark = 'olivias-own';

/** Below `/mnt/data`. */
export const generatedPath = `made/${mark}.csv`;

/** Makes them as a client does; only what needs a kernel is put into the tables. */
export async function ownThings(
  app: INestApplication,
  url: string,
  owner: Credentials,
): Promise<OwnedThings> {
  const messageId = `${mark}-message`;
  const chatId = `${mark}-chat`;
  const attachedId = await attach(url, owner, messageId, chatId);
  const executionId = await enter(url, owner, messageId, chatId);
  const generatedId = await generate(app, attachedId, executionId);
  const workspaces = app.get(DataSource).getRepository(Workspace);
  const { id: workspaceId } = await workspaces.findOneByOrFail({ externalId: messageId });
  const linkToken = await share(url, owner, generatedId);
  return { messageId, chatId, attachedId, generatedId, executionId, workspaceId, linkToken };
}

async function attach(url: string, owner: Credentials, messageId: string, chatId: string): Promise<string> {
  const form = new FormData();
  form.set('message_id', messageId);
  form.set('chat_id', chatId);
  form.append('file', new Blob([`${mark},1\n`]), `${mark}.csv`);
  const answer = await fetch(`${url}/api/v1/files`, { method: 'POST', headers: owner, body: form });
  const { files } = (await answer.json()) as { files: [{ id: string }] };
  return files[0].id;
}

async function enter(url: string, owner: Credentials, messageId: string, chatId: string): Promise<string> {
  const answer = await fetch(`${url}/api/v1/executions`, {
    method: 'POST',
    headers: { ...owner, 'Content-Type': 'application/json', Prefer: 'respond-async' },
    body: JSON.stringify({ code: `# ${mark}`, message_id: messageId, chat_id: chatId }),
  });
  const { id } = (await answer.json()) as { id: string };
  return id;
}

/** A file as an execution would have made it, with the bytes of an attached one. */
async function generate(app: INestApplication, likeId: string, executionId: string): Promise<string> {
  const files = app.get(DataSource).getRepository(StoredFile);
  const like = await files.findOneByOrFail({ id: likeId });
  const id = newId();
  const path = Buffer.from(generatedPath);
  await files.insert({
    ...like,
    id,
    executionId,
    source: 'code_execution',
    change: 'created',
    path,
    pathSha256: createHash('sha256').update(path).digest(),
    askedPathSha256: null,
  });
  return id;
}

async function share(url: string, owner: Credentials, fileId: string): Promise<string> {
  const answer = await fetch(`${url}/api/v1/downloads/code-execution/file/${fileId}/links`, {
    method: 'POST',
    headers: { ...owner, 'Content-Type': 'application/json' },
    body: '{}',
  });
  const link = (await answer.json()) as { url: string };
  return link.url.split('/').at(-1) ?? '';
}
