import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { jest } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { aToken } from '../ownership/attackers.js';
import { SECRET, type TestService } from '../support/a-service.js';
import { aBrowser, aServiceForBrowsers, troublesOf } from './a-browser.js';

jest.setTimeout(90_000);

/** A page of somebody else's chat: one script, elements, and a backend that gives tokens. */
const page = (service: string): string => `<!doctype html><html lang="en"><title>Chat</title>
<script type="module" src="${service}/panel/mnt-panel.js"></script>
<script>
  addEventListener('mnt-token', ({ detail }) =>
    detail.respond(fetch('/token').then((answer) => answer.text())));
</script>
<mnt-code-block message-id="m-1" chat-id="c-1" code="print('from afar'); open('/mnt/data/a.txt', 'w').write('made'); 6 * 7"></mnt-code-block>
<mnt-files message-id="m-1"></mnt-files>
<mnt-files id="chat" chat-id="c-1"></mnt-files>
<div id="answer"></div>`;

describe('the panel on a page of another origin', () => {
  let browser: Browser;
  let service: TestService;
  let host: Server;
  let origin: string;
  let tokens = 0;

  beforeAll(async () => {
    host = createServer((request, response) => {
      if (request.url !== '/token') {
        response.setHeader('Content-Type', 'text/html').end(page(service.url));
        return;
      }
      tokens += 1;
      // The first one has ended already: the panel asks again.
      const exp = Math.floor(Date.now() / 1000) + (tokens === 1 ? -3600 : 3600);
      void aToken('alice', SECRET, { exp }).then((token) => response.end(token));
    }).listen(0, '127.0.0.1');
    await once(host, 'listening');
    origin = `http://127.0.0.1:${String((host.address() as AddressInfo).port)}`;
    service = await aServiceForBrowsers({ CORS_ORIGINS: origin });
    browser = await aBrowser();
  });

  afterAll(async () => {
    await browser.close();
    host.close();
    await service.remove();
  });

  async function opened(address: string): Promise<Page> {
    const made = await browser.newPage();
    await made.goto(address);
    return made;
  }

  it('runs code and shows files with a token that the page gives, and gives again', async () => {
    const chat = await opened(origin);
    const troubles = troublesOf(chat, [origin, service.url]);
    await chat.getByRole('button', { name: 'Run', exact: true }).click();
    await chat.getByText('from afar').waitFor();
    await chat.getByText('Finished', { exact: true }).waitFor();
    // Both lists: of the message and of its chat.
    await chat.getByRole('button', { name: 'Preview a.txt' }).nth(1).waitFor();
    expect(tokens).toBe(2);
    expect(troubles.filter((trouble) => !trouble.includes('401'))).toEqual([]);
    await chat.close();
  });

  it('makes the links of a model work', async () => {
    const chat = await opened(origin);
    await chat.getByRole('button', { name: 'Preview a.txt' }).first().waitFor();
    await chat.evaluate(`(async () => {
      const { renderMarkdown } = await import('${service.url}/panel/mnt-panel.js');
      const text = 'See [the file](sandbox:/mnt/data/a.txt) <script>window.hacked = 1</script>';
      document.querySelector('#answer').append(await renderMarkdown(text, { messageId: 'm-1' }));
    })()`);
    const [download] = await Promise.all([
      chat.waitForEvent('download'),
      chat.getByRole('link', { name: 'the file' }).click(),
    ]);
    expect(download.suggestedFilename()).toBe('a.txt');
    expect(await chat.evaluate('window.hacked')).toBeUndefined();
    await chat.close();
  });

  it('shows tables there, in a frame that only the service and these pages may hold', async () => {
    const chat = await opened(origin);
    const editor = chat.getByRole('textbox', { name: 'Python code' });
    await editor.press('Control+A');
    await editor.press('Delete');
    await editor.fill(`from IPython.display import HTML\nHTML('<b>a table</b>')`);
    await chat.getByRole('button', { name: 'Run', exact: true }).click();
    await chat.frameLocator('mnt-code-block iframe').getByText('a table').waitFor();
    const answer = await fetch(`${service.url}/panel/frame.html`);
    expect(answer.headers.get('content-security-policy')).toContain(`frame-ancestors 'self' ${origin};`);
    await chat.close();
  });

  it('gives nothing to a page of an origin that is not listed', async () => {
    const chat = await opened(origin.replace('127.0.0.1', 'localhost'));
    await chat.getByText('The service cannot be reached.').first().waitFor();
    expect(await chat.getByRole('button', { name: 'Preview a.txt' }).count()).toBe(0);
    await chat.close();
  });
});
