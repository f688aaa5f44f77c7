import { CHAT_BYTES_LIMIT, CHAT_FILES_LIMIT, selectChatFiles } from './chat-files.js';
import { StoredFile } from './file.entity.js';
import { sha256 } from './file-path.js';

function aFile(name: string, size = 1, more: { content?: string; asked?: string } = {}): StoredFile {
  const path = Buffer.from(name);
  return Object.assign(new StoredFile(), {
    ...{ name, size, path, pathSha256: sha256(path) },
    askedPathSha256: more.asked === undefined ? null : sha256(Buffer.from(more.asked)),
    sha256: sha256(Buffer.from(more.content ?? name)),
  });
}

describe('selectChatFiles', () => {
  it('takes the newest files and names the others', () => {
    const files = Array.from({ length: CHAT_FILES_LIMIT + 2 }, (_, number) => aFile(`${String(number)}.csv`));
    const { chosen, warnings } = selectChatFiles(files, 0);
    expect(chosen).toEqual(files.slice(0, CHAT_FILES_LIMIT));
    expect(warnings.map(({ path }) => path)).toEqual(['/mnt/data/100.csv', '/mnt/data/101.csv']);
  });

  it('counts those that are too many to be named', () => {
    const { chosen, warnings } = selectChatFiles([aFile('a.csv')], 7);
    expect(chosen).toHaveLength(1);
    expect(warnings).toMatchObject([{ path: null, code: 'chat_file_left_out' }]);
    expect(warnings[0]?.message).toMatch(/^7 older files of this chat were not brought along/);
  });

  it('leaves out what does not fit, and goes on with smaller ones', () => {
    const { chosen, warnings } = selectChatFiles(
      [aFile('half', CHAT_BYTES_LIMIT / 2), aFile('too much', CHAT_BYTES_LIMIT / 2 + 1), aFile('small', 10)],
      0,
    );
    expect(chosen.map(({ name }) => name)).toEqual(['half', 'small']);
    expect(warnings).toMatchObject([{ code: 'chat_file_left_out' }]);
  });

  it('takes what messages brought along from each other once, also under the name it got there', () => {
    const newer = aFile('a.csv', 1, { content: 'B' });
    const brought = aFile('a (2).csv', 1, { content: 'A', asked: 'a.csv' });
    const original = aFile('a.csv', 1, { content: 'A' });
    const { chosen, warnings } = selectChatFiles([newer, brought, original], 0);
    expect(chosen).toEqual([newer, brought]);
    expect(warnings).toEqual([]);
  });
});
