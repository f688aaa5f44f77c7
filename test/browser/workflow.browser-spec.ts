import { createHash } from 'node:crypto';
import { EventEmitter, on } from 'node:events';
import { readFileSync } from 'node:fs';
import { jest } from '@jest/globals';
import type { Browser, Page, Route } from 'playwright-core';
import { aToken } from '../ownership/attackers.js';
import { SECRET, type TestService } from '../support/a-service.js';
import type { ApiClient } from '../support/api-client.js';
import {
  aBrowser,
  aServiceForBrowsers,
  messageCard,
  runIn,
  signedIn,
  startIn,
  writeIn,
  type SignedIn,
} from './a-browser.js';

jest.setTimeout(90_000);

const REPORT = `
import pandas as pd
sales = pd.read_csv('/mnt/data/sales.csv')
sales.to_excel('/mnt/data/report.xlsx', index=False, sheet_name='Sales')
print('made from', len(sales), 'rows')`;

describe('the way of a user through the playground', () => {
  let browser: Browser;
  let service: TestService;
  let api: ApiClient;
  let alice: SignedIn;
  let page: Page;

  beforeAll(async () => {
    service = await aServiceForBrowsers();
    browser = await aBrowser();
    api = await service.as('alice');
    alice = await signedIn(browser, service, 'alice');
    page = alice.page;
  });

  afterAll(async () => {
    await browser.close();
    await service.remove();
  });

  afterEach(() => {
    expect(alice.troubles).toEqual([]);
  });

  it('signs in by the link, whose token then is nowhere but in memory', async () => {
    expect(page.url()).toBe(`${service.url}/`);
    const kept = await page.evaluate<string>(
      'JSON.stringify([history.length, history.state, {...localStorage}, {...sessionStorage}, document.cookie, document.documentElement.outerHTML])',
    );
    expect(kept).not.toContain('eyJ');
    await page.reload();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await page.close();
    alice = await signedIn(browser, service, 'alice');
    page = alice.page;
  });

  it('attaches a file, runs code on it, and sees what the code made', async () => {
    const card = messageCard(page, 1);
    await card
      .locator('input[type=file]')
      .setInputFiles({ name: 'sales.csv', mimeType: 'text/csv', buffer: Buffer.from('a,b\n1,2\n3,4\n') });
    await card.getByRole('button', { name: 'Preview sales.csv' }).waitFor();
    await runIn(card, REPORT);
    await card.getByText('made from 2 rows').waitFor();
    await card.getByRole('button', { name: 'Preview report.xlsx' }).click();
    const table = card.getByRole('group', { name: 'Table of Sales' });
    await table.getByRole('cell', { name: '4', exact: true }).waitFor();
    await card.getByText('2 of 2 rows').waitFor();
  });

  it('takes dropped files, with a progress bar for each, and tells which failed', async () => {
    const card = messageCard(page, 1);
    const files = card.getByRole('region', { name: 'Files', exact: true });
    const dropped = await page.evaluateHandle(`(() => {
      const all = new DataTransfer();
      for (const name of ['dropped-1.txt', 'dropped-2.txt']) all.items.add(new File([name], name));
      return all;
    })()`);
    const uploads = new EventEmitter();
    const held = on(uploads, 'held') as AsyncIterableIterator<[Route]>;
    await page.route('**/api/v1/files', (route) => {
      uploads.emit('held', route);
    });
    await files.dispatchEvent('dragover', { dataTransfer: dropped });
    await files.dispatchEvent('drop', { dataTransfer: dropped });
    for (const name of ['dropped-1.txt', 'dropped-2.txt'])
      await card.getByRole('progressbar', { name: `Uploading ${name}` }).waitFor();
    const first = (await held.next()) as IteratorYieldResult<[Route]>;
    await first.value[0].continue();
    const second = (await held.next()) as IteratorYieldResult<[Route]>;
    await second.value[0].abort();
    await card.getByText('dropped-2.txt was not added. The service cannot be reached.').waitFor();
    await card.getByRole('button', { name: 'Preview dropped-1.txt' }).waitFor();
    await page.unroute('**/api/v1/files');
    await card.getByRole('button', { name: 'Dismiss' }).click();
    expect(await card.getByRole('progressbar').count()).toBe(0);
    await card.getByRole('button', { name: 'Delete dropped-1.txt' }).click();
    await card.getByRole('button', { name: 'Delete', exact: true }).click();
    await card.getByRole('button', { name: 'Preview dropped-1.txt' }).waitFor({ state: 'detached' });
    alice.troubles.length = 0; // the request that was made to fail
  });

  it('downloads the same bytes as the service keeps', async () => {
    const card = messageCard(page, 1);
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      card.getByRole('button', { name: 'Download report.xlsx' }).click(),
    ]);
    expect(download.suggestedFilename()).toBe('report.xlsx');
    const bytes = readFileSync(await download.path());
    const [file] = (await api.files('source=code_execution')).filter(({ name }) => name === 'report.xlsx');
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(file?.sha256);

    const [archive] = await Promise.all([
      page.waitForEvent('download'),
      card.getByRole('button', { name: 'All as ZIP' }).click(),
    ]);
    expect(
      readFileSync(await archive.path())
        .subarray(0, 2)
        .toString(),
    ).toBe('PK');
  });

  it('watches the output while the code runs, and stops it', async () => {
    const card = messageCard(page, 2);
    await startIn(
      card,
      `import time\nfor n in range(600):\n    print('step', n, flush=True)\n    time.sleep(0.1)`,
    );
    await card.getByText('step 3', { exact: true }).waitFor();
    await card.getByText('Running', { exact: true }).waitFor();
    await card.getByRole('button', { name: 'Stop' }).click();
    await card.getByText('Stopped', { exact: true }).waitFor();
    await card.getByText('KeyboardInterrupt').first().waitFor();
  });

  it('has messages that do not see each other, unless a file is attached by a click', async () => {
    await messageCard(page, 1)
      .getByRole('button', { name: 'Attach report.xlsx to the next message' })
      .click();
    const card = messageCard(page, 3);
    await card.getByRole('button', { name: 'Preview report.xlsx' }).waitFor();
    await runIn(card, `import os\nprint('here:', sorted(os.listdir('/mnt/data')))`);
    await card.getByText("here: ['report.xlsx']").waitFor();
  });

  it('keeps versions, and deletes all of them', async () => {
    const card = messageCard(page, 4);
    await runIn(card, `open('/mnt/data/note.txt', 'w').write('one')`);
    await card.getByRole('button', { name: 'Preview note.txt' }).waitFor();
    await runIn(card, `open('/mnt/data/note.txt', 'w').write('second')`);
    await card.getByText('version 2').waitFor();
    await card.getByText('1 earlier version').click();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      card.getByRole('button', { name: 'version 1' }).click(),
    ]);
    expect(readFileSync(await download.path(), 'utf8')).toBe('one');
    await card.getByRole('button', { name: 'Delete note.txt' }).click();
    await card.getByRole('button', { name: 'Delete', exact: true }).click();
    await card.getByText('note.txt was deleted.').waitFor();
    await card.getByRole('button', { name: 'Preview note.txt' }).waitFor({ state: 'detached' });
  });

  it('gives a link that needs no token', async () => {
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await messageCard(page, 1).getByRole('button', { name: 'Copy a link to report.xlsx' }).click();
    await page.getByText('The link is copied.').waitFor();
    const url = await page.evaluate<string>('navigator.clipboard.readText()');
    expect((await fetch(url)).status).toBe(200);
  });

  it('goes on after the service was restarted, and after the workspace expired', async () => {
    await service.end();

    await service.start({ WORKSPACE_RETENTION_DAYS: '0.00001' });

    const card = messageCard(page, 1);
    await runIn(card, `import os\nprint('still', sorted(os.listdir('/mnt/data')))`);
    await card.getByText("still ['report.xlsx', 'sales.csv']").waitFor();

    const admin = await service.as('root', { role: 'admin' });
    let closed = 0;
    while (closed === 0)
      closed = (await admin.request<{ workspaces: unknown[] }>('POST', '/admin/cleanup', {})).body.workspaces
        .length;

    await runIn(card, `print('again', open('/mnt/data/sales.csv').read().count(','))`);
    await card.getByText('again 3').waitFor();

    alice.troubles.length = 0; // requests failed while the service was away
  });

  it('opens an earlier chat again, with output and files', async () => {
    await page.getByRole('button', { name: 'New chat' }).click();
    expect(await page.getByText('again 3').count()).toBe(0);
    await page
      .getByRole('complementary', { name: 'Chats' })
      .getByText(/runs?$/)
      .first()
      .click();
    await page.getByText('again 3').waitFor();
    await messageCard(page, 1).getByRole('button', { name: 'Preview report.xlsx' }).waitFor();
  });

  it('shows nothing of it to somebody else', async () => {
    const bob = await signedIn(browser, service, 'bob');
    await bob.page.getByText('No chats yet.').waitFor();
    const [chat] = (await api.get<{ items: { chat_id: string }[] }>('/chats')).body.items;
    const theirs = await service.as('bob');
    expect(await theirs.files(`chat_id=${chat?.chat_id ?? ''}`)).toEqual([]);
    expect(bob.troubles).toEqual([]);
    await bob.page.close();
  });

  it('deletes a chat with its files, once it is confirmed', async () => {
    const chats = page.getByRole('complementary', { name: 'Chats' });
    const remove = chats.getByRole('button', { name: /^Delete the chat/ });
    await remove.first().waitFor();
    const before = await remove.count();
    await remove.first().click();
    await chats.getByRole('button', { name: 'Keep' }).click();
    expect(await remove.count()).toBe(before);
    await remove.first().click();
    await chats.getByRole('button', { name: 'Delete', exact: true }).click();
    await remove.nth(before - 1).waitFor({ state: 'detached' });
    // It was the open one: a new one takes its place.
    expect(await page.getByText('again 3').count()).toBe(0);
    await messageCard(page, 1).getByText('Start with an example').waitFor();
    expect((await api.get<{ items: unknown[] }>('/chats')).body.items).toHaveLength(before - 1);
    expect((await api.files('source=code_execution')).map(({ name }) => name)).not.toContain('report.xlsx');
  });

  it('works on the keyboard alone', async () => {
    const carol = await signedIn(browser, service, 'carol');
    const keys = carol.page.keyboard;
    const tabTo = async (name: string): Promise<void> => {
      for (let presses = 0; presses < 60; presses += 1) {
        await keys.press('Tab');
        if ((await focusedName(carol.page)) === name) return;
      }
      throw new Error(`Tab never reaches ${name}.`);
    };
    await tabTo('Make a report');
    await keys.press('Enter');
    await carol.page.getByText('Collecting').waitFor();
    await tabTo('Python code');
    await keys.press('Control+Enter');
    await messageCard(carol.page, 1).getByText('Finished', { exact: true }).waitFor();
    await tabTo('Preview report.xlsx');
    await keys.press('Enter');
    await carol.page.getByRole('tab', { name: 'Sales' }).waitFor();
    await tabTo('Sales');
    await keys.press('ArrowRight');
    await carol.page.getByRole('cell', { name: 'mean' }).waitFor();
    await carol.page.getByRole('button', { name: 'Run', exact: true }).first().focus();
    await tabTo('Attach report.xlsx to the next message');
    await keys.press('Enter');
    await messageCard(carol.page, 2).getByRole('button', { name: 'Preview report.xlsx' }).waitFor();
    await tabTo('Download report.xlsx');
    const [download] = await Promise.all([carol.page.waitForEvent('download'), keys.press('Enter')]);
    expect(download.suggestedFilename()).toBe('report.xlsx');
    expect(carol.troubles).toEqual([]);
    await carol.page.close();
  });

  it('signs out and in again by pasting the link', async () => {
    await writeIn(messageCard(page, 1), 'print(1)');
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('textbox', { name: 'Link or token' }).fill('nonsense that is no token');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('alert').getByText('neither a link').waitFor();
    await page.getByRole('textbox', { name: 'Link or token' }).fill('eyJhbGciOiJIUzI1NiJ9.e30.forged');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('alert').getByText('does not take this token').waitFor();
    const link = `${service.url}/#token=${await aToken('alice', SECRET)}`;
    await page.getByRole('textbox', { name: 'Link or token' }).fill(link);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('Signed in as alice').waitFor();
    expect(service.log).not.toContain('eyJ');
    expect(alice.troubles.splice(0)).toEqual([expect.stringContaining('401')]);
  });
});

/** What screen readers call the element with the focus, also in a shadow root. */
async function focusedName(page: Page): Promise<string> {
  return await page.evaluate<string>(`(() => {
    let element = document.activeElement;
    while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
    return element?.getAttribute('aria-label') ?? element?.textContent?.trim() ?? '';
  })()`);
}
