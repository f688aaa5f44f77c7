import type { FileDto } from '../../src/files/index.js';
import type { ApiClient } from '../support/api-client.js';

/** What one workspace holds at the end, by the kernel's own account. */
export interface WorkspaceAccount {
  /** Content of every file, by path below `/mnt/data`. */
  files: Record<string, string>;
  /** Every content that code wrote completely, in order. */
  written: { path: string; content: string }[];
}

const PATHS = 5;
const FILES_PER_RUN = 3;

/**
 * Code that gives some files a content that never was, and writes down each one that is complete. No path twice, so
 * that a collection after it can see every content.
 */
export function writingCode(message: string, run: number): string {
  return `
for number in range(${String(FILES_PER_RUN)}):
    path = f'{(${String(run * FILES_PER_RUN)} + number) % ${String(PATHS)}}.txt'
    content = f'${message} ${String(run)} {number}'
    with open(path, 'w') as file: file.write(content)
    with open('journal', 'a') as journal: journal.write(f'{path}\\t{content}\\n')`;
}

const READ_ALL = `
import json, os
found = {}
for name in os.listdir('.'):
    with open(name) as file: found[name] = file.read()
print(json.dumps(found))`;

export async function account(client: ApiClient, messageId: string): Promise<WorkspaceAccount> {
  const { stdout } = await client.run(READ_ALL, { message_id: messageId });
  const { journal = '', ...files } = JSON.parse(stdout) as Record<string, string>;
  const written = journal
    .split('\n')
    .filter(Boolean)
    .map((line) => {
      const [path = '', content = ''] = line.split('\t');
      return { path, content };
    });
  return { files, written };
}

/** All versions that are listed, by path below `/mnt/data`, oldest first, with their bytes. */
export async function listedVersions(
  client: ApiClient,
  messageId: string,
): Promise<Record<string, (FileDto & { content: string })[]>> {
  const versions: Record<string, (FileDto & { content: string })[]> = {};
  for (let cursor = ''; ;) {
    const query = `message_id=${messageId}&versions=all&limit=200${cursor && `&cursor=${cursor}`}`;
    const { body } = await client.get<{ items: FileDto[]; next_cursor: string | null }>(`/files?${query}`);
    for (const file of body.items) {
      const path = (file.path ?? '').replace('/mnt/data/', '');
      if (path === 'journal') continue;
      const content = (await client.download(file.url)).toString();
      (versions[path] ??= []).push({ ...file, content });
    }
    if (body.next_cursor === null) break;
    cursor = encodeURIComponent(body.next_cursor);
  }
  for (const list of Object.values(versions)) list.sort((a, b) => a.version - b.version);
  return versions;
}

/**
 * What must hold of a workspace however often the service was killed: what is there is listed as the latest version,
 * every content that was written is listed exactly once, and versions count up without a gap or a repetition.
 */
export async function expectNothingLost(client: ApiClient, messageId: string): Promise<void> {
  const { files, written } = await account(client, messageId);
  const versions = await listedVersions(client, messageId);
  expect(Object.keys(versions).sort()).toEqual(Object.keys(files).sort());
  for (const [path, list] of Object.entries(versions)) {
    const where = `${messageId}/${path}`;
    expect([where, list.at(-1)?.content]).toEqual([where, files[path]]);
    expect([where, list.map(({ version }) => version)]).toEqual([where, list.map((_, index) => index + 1)]);
    const repeated = list.filter(({ content }, index) => content === list[index - 1]?.content);
    expect([where, repeated]).toEqual([where, []]);
  }
  for (const { path, content } of written) {
    const listed = (versions[path] ?? []).filter((file) => file.content === content);
    expect([path, content, listed.length]).toEqual([path, content, 1]);
  }
}
