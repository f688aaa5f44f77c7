import { once } from 'node:events';
import { createServer, get, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { jest } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { aToken } from '../ownership/attackers.js';
import { SECRET, type TestService } from '../support/a-service.js';
import { aBrowser, aServiceForBrowsers, troublesOf } from './a-browser.js';
import { builtExample, type ExampleLanguage } from './documented-examples.js';

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

/** What an application of React or Svelte gives to the component of the documentation. */
const application = (language: ExampleLanguage): string => `<!doctype html><html lang="en"><title>Chat</title>
<div id="app"></div>
<script type="module" src="/application.js"></script>
<script type="module">
window.saved = [];
window.props = {
  id: 'm-${language}', chatId: 'c-2', code: "open('/mnt/data/${language}.txt', 'w').write('made')",
  getToken: () => fetch('/token').then((answer) => answer.text()),
  save: (execution) => window.saved.push(execution.status),
};
window.show(window.props);
</script>`;

describe('the panel on a page of another origin', () => {
  let browser: Browser;
  let service: TestService;
  let host: Server;
  let origin: string;
  let tokens = 0;
  /** By address; every other one shows the plain page. */
  const pages: Record<string, string> = {};

  beforeAll(async () => {
    host = createServer((request, response) => {
      if (request.url !== '/token') {
        const { url = '' } = request;
        response.setHeader('Content-Type', url.endsWith('.js') ? 'text/javascript' : 'text/html');
        response.end(pages[url] ?? page(service.url));
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
    pages['/many'] = manyBlocks(service.url);
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

  it.each(['jsx', 'svelte'] as const)('works in the %s example of the documentation', async (language) => {
    pages['/application'] = application(language);
    pages['/application.js'] = await builtExample(language, service.url);
    const chat = await browser.newPage();
    const troubles = troublesOf(chat, [origin, service.url]);
    await chat.goto(`${origin}/application`);
    const file = chat.getByRole('button', { name: `Preview ${language}.txt` });
    await chat.getByRole('button', { name: 'Run', exact: true }).click();
    await file.waitFor();
    await chat.getByText('Finished', { exact: true }).waitFor();
    if (language === 'svelte') expect(await chat.evaluate('window.saved')).toEqual(['ok']);

    // Elements that come when the script is there already, and nobody is signed in, get a token all the same.
    await chat.evaluate('window.hide()');
    await file.waitFor({ state: 'detached' });
    await chat.evaluate(
      `import('${service.url}/panel/mnt-panel.js').then(({ sessionFor }) => sessionFor(null).end())`,
    );
    const before = tokens;
    await chat.evaluate('window.show(window.props)');
    await file.waitFor();
    expect(tokens).toBe(before + 1);
    expect(troubles).toEqual([]);
    await chat.close();
  });

  it('uploads a file again when its token was rejected and the page gave a new one', async () => {
    const chat = await opened(origin);
    await chat.getByRole('button', { name: 'Preview a.txt' }).first().waitFor();
    const ended = await aToken('alice', SECRET, { exp: Math.floor(Date.now() / 1000) - 3600 });
    const answers: number[] = [];
    chat.on('response', (response) => {
      if (response.request().method() === 'POST' && response.url().endsWith('/api/v1/files'))
        answers.push(response.status());
    });
    await chat.route(
      '**/api/v1/files',
      (route) =>
        route.continue({ headers: { ...route.request().headers(), authorization: `Bearer ${ended}` } }),
      { times: 1 },
    );
    const before = tokens;
    const file = { name: 'again.txt', mimeType: 'text/plain', buffer: Buffer.alloc(1024 ** 2, 'a') };
    await chat.locator('mnt-files').first().locator('input[type=file]').setInputFiles(file);
    await chat.getByRole('button', { name: 'Preview again.txt' }).first().waitFor();
    expect(answers).toEqual([401, 201]);
    expect(tokens).toBe(before + 1);
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
