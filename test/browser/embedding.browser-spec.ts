import { once } from 'node:events';
import { createServer, get, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
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

/** More than the connections that a browser opens to one server. */
const MANY = 7;

const manyBlocks = (service: string): string =>
  page(service).replace(
    /<mnt-code-block[^]*/,
    Array.from(
      { length: MANY },
      (_, at) =>
        `<mnt-code-block message-id="m-2" block="${String(at)}" code="while True: pass"></mnt-code-block>`,
    ).join(''),
  );

describe('the panel on a page of another origin', () => {
  let browser: Browser;
  let service: TestService;
  let host: Server;
  let origin: string;
  let tokens = 0;

  beforeAll(async () => {
    host = createServer((request, response) => {
      if (request.url !== '/token') {
        const html = request.url === '/many' ? manyBlocks(service.url) : page(service.url);
        response.setHeader('Content-Type', 'text/html').end(html);
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

  it('follows all that runs by one stream, so that browsers still have a connection to stop it by', async () => {
    const chat = await opened(`${origin}/many`);
    const open = new Set<unknown>();
    chat.on('request', (request) => {
      if (request.url().includes('/executions/events')) open.add(request);
    });
    chat.on('requestfinished', (request) => open.delete(request));
    chat.on('requestfailed', (request) => open.delete(request));
    const run = chat.getByRole('button', { name: 'Run', exact: true });
    for (let left = MANY; left > 0; left -= 1) await run.first().click();
    const stop = chat.getByRole('button', { name: 'Stop' });
    await stop.nth(MANY - 1).waitFor();
    await chat.getByText('Running', { exact: true }).waitFor();
    expect(open.size).toBe(1);
    for (let left = MANY; left > 0; left -= 1) await stop.last().click();
    await chat
      .getByText('Stopped', { exact: true })
      .nth(MANY - 1)
      .waitFor();
    await chat.close();
  });

  it('shows a run that the backend made, and lists its files', async () => {
    const alice = await service.as('alice');
    const { id } = await alice.run("print('by the backend'); open('b.txt', 'w').write('b')", {
      message_id: 'm-1',
    });
    const chat = await opened(origin);
    await chat.getByRole('button', { name: 'Preview b.txt' }).first().waitFor();
    await chat.evaluate(`document.querySelector('mnt-code-block').setAttribute('execution-id', '${id}')`);
    await chat.getByText('by the backend').waitFor();
    await alice.attach('m-1', { 'c.txt': 'c' });
    await chat.evaluate("document.querySelector('mnt-files').refresh()");
    await chat.getByRole('button', { name: 'Preview c.txt' }).first().waitFor();
    await chat.close();
  });

  it('shows nothing any more once the page ended the session', async () => {
    const chat = await opened(origin);
    await chat.getByRole('button', { name: 'Preview a.txt' }).first().waitFor();
    await chat.getByText('by the backend').waitFor();
    await chat.route('**/token', () => undefined);
    await chat.evaluate(
      `import('${service.url}/panel/mnt-panel.js').then(({ sessionFor }) => sessionFor(null).end())`,
    );
    await chat.getByRole('button', { name: 'Preview a.txt' }).first().waitFor({ state: 'detached' });
    await chat.getByText('by the backend').waitFor({ state: 'detached' });
    await chat.getByText('Waiting for a sign-in.').first().waitFor();
    await chat.close();
  });

  it('sends its script compressed, and small', async () => {
    const bytes = await new Promise<number>((resolve, reject) => {
      const headers = { 'Accept-Encoding': 'gzip' };
      get(`${service.url}/panel/mnt-panel.js`, { headers }, (answer) => {
        expect(answer.headers).toMatchObject({ 'content-encoding': 'gzip', vary: 'Accept-Encoding' });
        buffer(answer).then((content) => resolve(content.length), reject);
      });
    });
    expect(bytes).toBeLessThan(42 * 1024);
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
