import { jest } from '@jest/globals';
import type { Browser, FrameLocator, Page } from 'playwright-core';
import type { TestService } from '../support/a-service.js';
import {
  aBrowser,
  aServiceForBrowsers,
  messageCard,
  runIn,
  signedIn,
  troublesOf,
  type SignedIn,
} from './a-browser.js';

jest.setTimeout(90_000);

/** Everything that would tell of a script that ran: in the page, in the frame, or outside. */
const ATTACKS = [
  '<script>parent.hacked = top.hacked = window.hacked = 1</script>',
  '<img src=x onerror="top.hacked = window.hacked = 1">',
  '<svg onload="window.hacked = 1"><script>window.hacked = 1</script></svg>',
  '<a href="javascript:window.hacked = 1">a link</a>',
  '<iframe srcdoc="<script>top.hacked = 1</script>"></iframe>',
  '<meta http-equiv="refresh" content="0;url=https://attacker.example/">',
  '<form action="https://attacker.example/"><button>Send</button></form>',
  '<img src="https://attacker.example/pixel.png">',
  '<style>body { background: url(https://attacker.example/style.png) }</style>',
  '<link rel=stylesheet href="https://attacker.example/style.css">',
  '<base href="https://attacker.example/">',
];

/** The part of a canvas that tells what was drawn. */
interface Canvas {
  height: number;
  getContext(kind: '2d'): { getImageData(...box: number[]): { data: Uint8ClampedArray } };
}

describe('what code makes, in a browser', () => {
  let browser: Browser;
  let service: TestService;
  let alice: SignedIn;
  let page: Page;
  let number = 0;

  beforeAll(async () => {
    service = await aServiceForBrowsers();
    browser = await aBrowser();
    alice = await signedIn(browser, service, 'alice');
    page = alice.page;
  });

  afterAll(async () => {
    await browser.close();
    await service.remove();
  });

  /** Runs code in the newest message and gives its card. */
  async function shown(code: string, status?: string) {
    number += 1;
    const card = messageCard(page, number);
    await runIn(card, code, status);
    return card;
  }

  async function hacked(): Promise<unknown[]> {
    return await Promise.all(page.frames().map(async (frame) => await frame.evaluate('window.hacked')));
  }

  it('shows tables in a frame that has no origin', async () => {
    const card = await shown(`import pandas as pd\npd.DataFrame({'a': [1, 2], 'b': [3, 4]})`);
    const frame: FrameLocator = card.frameLocator('iframe');
    await frame.getByRole('cell', { name: '4', exact: true }).waitFor();
    const element = card.locator('iframe');
    expect(await element.getAttribute('sandbox')).toBe('allow-scripts');
    const height = await element.evaluate((iframe) => iframe.getBoundingClientRect().height);
    expect(height).toBeGreaterThan(60);
    expect(height).toBeLessThan(200);
    const inside = page.frames().find((one) => one.url().endsWith('/panel/frame.html'));
    expect(await inside?.evaluate('self.origin')).toBe('null');
  });

  it('colours terminal text, draws a progress bar in one line, folds a traceback', async () => {
    const card = await shown(
      `import time
for n in range(5):
    print(f'\\r{n}/4', end='', flush=True); time.sleep(0.05)
print('\\n\\x1b[1;31mred\\x1b[0m plain')
def deep(n): return 1/0 if n == 0 else deep(n - 1)
deep(9)`,
      'Error',
    );
    await card.getByText('4/4', { exact: true }).waitFor();
    expect(await card.getByText('0/4').count()).toBe(0);
    expect(await card.getByText('red', { exact: true }).getAttribute('class')).toBe('bold fg-c1');
    await card.getByText('ZeroDivisionError: division by zero').first().waitFor();
    const lines = (await card.locator('.error pre').textContent()) ?? '';
    await card.getByRole('button', { name: 'Show the whole traceback' }).click();
    expect(((await card.locator('.error pre').textContent()) ?? '').length).toBeGreaterThan(lines.length * 2);
  });

  it('shows formulas, JSON, Markdown, SVG, images and charts', async () => {
    const card = await shown(`
from IPython.display import display, JSON, Latex, Markdown, SVG
import matplotlib.pyplot as plt
display(Latex(r'$\\frac{a}{b}$'))
display(JSON({'list': [1, 'two']}))
display(Markdown('# Heading\\n\\n- **bold** [link](https://example.org)'))
display(SVG('<svg xmlns="http://www.w3.org/2000/svg" width="20" height="20"><circle r="9"/></svg>'))
plt.plot([1, 2]); plt.show()
display({'application/vnd.plotly.v1+json': {'data': [{'type': 'bar', 'y': [1, 3]}], 'layout': {}},
         'text/plain': 'chart'}, raw=True)
display({'application/vnd.vegalite.v5+json': {'data': {'values': [{'a': 'A', 'b': 1}]}, 'mark': 'bar', 'encoding': {
         'x': {'field': 'a', 'type': 'nominal'}, 'y': {'field': 'b', 'type': 'quantitative'}}},
         'text/plain': 'chart'}, raw=True)
display({'application/vnd.jupyter.widget-view+json': {'model_id': 'a'}, 'text/plain': 'IntSlider(value=1)'}, raw=True)`);
    await card.locator('math mfrac').waitFor();
    await card.getByText('"two"').waitFor();
    await card.getByRole('heading', { name: 'Heading' }).waitFor();
    await card.locator('img[src^="data:image/svg"]').waitFor();
    await card.locator('img[src^="blob:"]').waitFor();
    await card.locator('iframe').first().contentFrame().locator('.barlayer path').first().waitFor();
    await card.locator('iframe').last().contentFrame().locator('.mark-rect path').first().waitFor();
    await card.getByText('IntSlider(value=1)', { exact: true }).waitFor();
  });

  it('draws a PDF page that is hardly wide and very high, in a picture that browsers can hold', async () => {
    const card = await shown(`
content = b'0 0 0 rg 0 0 2 14400 re f'
objects = [b'<< /Type /Catalog /Pages 2 0 R >>', b'<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
           b'<< /Type /Page /Parent 2 0 R /MediaBox [0 0 2 14400] /Contents 4 0 R >>',
           b'<< /Length %d >> stream\\n%s\\nendstream' % (len(content), content)]
body = b'%PDF-1.4\\n' + b''.join(b'%d 0 obj %s endobj\\n' % (n, text) for n, text in enumerate(objects, 1))
open('/mnt/data/tower.pdf', 'wb').write(body + b'trailer << /Root 1 0 R /Size 5 >>\\n%%EOF')`);
    await card.getByRole('button', { name: 'Preview tower.pdf' }).click();
    await card.getByRole('figure', { name: 'Page 1 of 1' }).waitFor();
    const canvas = card.locator('.pdf canvas');
    const height = Number(await canvas.getAttribute('height'));
    expect(height).toBeGreaterThan(10_000);
    expect(height).toBeLessThanOrEqual(16_384);
    // The whole page is black; nothing drawn would be transparent or white.
    const middle = await canvas.evaluate((element) => {
      const drawn = element as unknown as Canvas;
      return Array.from(drawn.getContext('2d').getImageData(0, drawn.height / 2, 1, 1).data);
    });
    expect(middle).toEqual([0, 0, 0, 255]);
  });

  it('runs no script of it, follows no address of it, and asks nobody else', async () => {
    expect(alice.troubles.splice(0)).toEqual([]);
    const card = await shown(`
from IPython.display import display, HTML, SVG, Markdown
attacks = ${JSON.stringify(ATTACKS)}
display(HTML(''.join(attacks)))
display(Markdown('\\n\\n'.join(attacks) + '\\n\\n[x](javascript:window.hacked=1) ![x](https://attacker.example/y.png)'))
display(SVG('<svg xmlns="http://www.w3.org/2000/svg" onload="window.hacked=1"><script>window.hacked=1</script></svg>'))
display({'application/vnd.vegalite.v5+json': {'data': {'url': 'https://attacker.example/data.csv'}, 'mark': 'bar',
         'transform': [{'calculate': "toString.constructor('top.hacked = 1')()", 'as': 'x'}]}}, raw=True)
for name, text in {'page.html': ''.join(attacks), 'note.md': ''.join(attacks), 'pic.svg': '<svg xmlns="http://www.w3.org/2000/svg" onload="top.hacked=1"/>',
                   '<img src=x onerror=top.hacked=1>.txt': 'x', 'x\\u202egpj.exe': 'x', 'table.csv': 'a,b\\n<img src=x onerror=top.hacked=1>,2'}.items():
    open('/mnt/data/' + name, 'w').write(text)
'<b onmouseover=alert(1)>text</b>'`);
    for (const name of ['page.html', 'note.md', 'pic.svg', 'table.csv'])
      await card.getByRole('button', { name: `Preview ${name}` }).click();
    await card.getByText('<img src=x onerror=top.hacked=1>', { exact: true }).waitFor();
    await card.locator('.preview iframe').waitFor();
    await card.frameLocator('.preview iframe').getByText('a link').waitFor();
    expect(await hacked()).toEqual(page.frames().map(() => undefined));
    expect(page.frames().map((frame) => new URL(frame.url()).origin)).toEqual(
      page.frames().map(() => service.url),
    );
    // The policy may tell of what it refused; nothing of it was asked for.
    expect(alice.troubles.splice(0).filter((trouble) => trouble.startsWith('asked for'))).toEqual([]);
  });

  it('has nothing to give to whoever opens the frame itself, or an SVG in a tab', async () => {
    const other = await browser.newPage();
    const troubles = troublesOf(other, [service.url]);
    await other.goto(`${service.url}/panel/frame.html`);
    expect(await other.evaluate('self.origin')).toBe('null');
    expect(troubles).toEqual([]);
    await other.close();
  });

  it('takes names of files as text', async () => {
    const card = messageCard(page, number);
    await card.getByRole('button', { name: 'Preview <img src=x onerror=top.hacked=1>.txt' }).waitFor();
    // A mark that turns text around would have it read as a picture.
    await card.getByText('x\ufffdgpj.exe', { exact: true }).waitFor();
  });
});
