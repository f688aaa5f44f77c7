import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { PROJECT_ROOT } from '../../src/config/index.js';
import type { TestService } from '../support/a-service.js';
import { seriousFindings } from './accessibility.js';
import {
  aBrowser,
  aServiceForBrowsers,
  messageCard,
  picture,
  picturesDirectory,
  signedIn,
  writeIn,
} from './a-browser.js';

jest.setTimeout(90_000);

const readmePicture = join(PROJECT_ROOT, 'docs', 'images', 'playground.png');

const OUTPUT = `import sys
from IPython.display import JSON, display
print('\\x1b[31mred \\x1b[32mgreen \\x1b[33myellow \\x1b[34mblue \\x1b[35mmagenta \\x1b[36mcyan\\x1b[0m')
print('a warning', file=sys.stderr)
display(JSON({'name': 'value', 'list': [1, True, None]}))
1/0`;

const looks = [
  { name: 'wide-light', colorScheme: 'light', viewport: { width: 1280, height: 960 } },
  { name: 'wide-dark', colorScheme: 'dark', viewport: { width: 1280, height: 960 } },
  { name: 'narrow-light', colorScheme: 'light', viewport: { width: 390, height: 844 } },
  { name: 'narrow-dark', colorScheme: 'dark', viewport: { width: 390, height: 844 } },
] as const;

describe('the pages, as they look', () => {
  let browser: Browser;
  let service: TestService;

  beforeAll(async () => {
    service = await aServiceForBrowsers();
    browser = await aBrowser();
  });

  afterAll(async () => {
    // A picture tells the time at which it was made: the one of the README changes only when it is asked for.
    if (process.env.README_PICTURE !== undefined)
      copyFileSync(join(picturesDirectory, 'report-wide-light.png'), readmePicture);
    await browser.close();
    await service.remove();
  });

  async function admin(user: string, options: Parameters<typeof signedIn>[3] = {}): Promise<Page> {
    return (await signedIn(browser, service, user, { claims: { role: 'admin' }, ...options })).page;
  }

  it.each(looks)('the playground, $name: nothing serious for axe', async ({ name, ...look }) => {
    const page = await admin(name, look);
    expect(await seriousFindings(page)).toEqual([]);
    const first = messageCard(page, 1);
    await first.getByRole('button', { name: 'Make a report' }).click();
    await first.getByText('Collecting').waitFor();
    await first.getByRole('button', { name: 'Run', exact: true }).click();
    await first.getByText('Finished', { exact: true }).waitFor();
    await first.getByRole('button', { name: 'Preview report.xlsx' }).click();
    await first.getByRole('tab', { name: 'Statistics' }).waitFor();
    await first.frameLocator('iframe').getByRole('cell', { name: 'Shelf' }).waitFor();
    await page.evaluate(`scrollTo(0, ${name.startsWith('wide') ? '330' : '380'})`);
    await picture(page, `report-${name}`);
    const second = messageCard(page, 2);
    await writeIn(second, OUTPUT);
    await second.getByRole('button', { name: 'Run', exact: true }).click();
    await second.getByText('Error', { exact: true }).waitFor();
    expect(await seriousFindings(page)).toEqual([]);
    await second.scrollIntoViewIfNeeded();
    await picture(page, `output-${name}`);
    const width = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
    expect(width).toBeLessThanOrEqual(0);
    await page.close();
  });

  it('previews PDF and CSV', async () => {
    const page = await admin('previews');
    const card = messageCard(page, 1);
    await card.getByRole('button', { name: 'Make a report' }).click();
    await card.getByText('Collecting').waitFor();
    await card.getByRole('button', { name: 'Run', exact: true }).click();
    await card.getByRole('button', { name: 'Preview report.pdf' }).click();
    await card.getByRole('figure', { name: 'Page 1 of 1' }).getByText(/Chair/).waitFor({ state: 'attached' });
    await card.getByRole('button', { name: 'Preview report.csv' }).click();
    await card.getByText('4 of 4 rows').waitFor();
    await card.getByRole('figure').scrollIntoViewIfNeeded();
    await picture(page, 'previews');
    await page.close();
  });

  it.each(looks)('the admin page, $name: all there, nothing serious for axe', async ({ name, ...look }) => {
    const page = await admin('root', { ...look, path: '/admin' });
    await page.getByRole('heading', { name: 'Recent executions' }).waitFor();
    await page
      .getByRole('region', { name: 'Workspaces' })
      .getByRole('cell', { name: 'active' })
      .first()
      .waitFor();
    await page.getByRole('button', { name: 'What would be closed?' }).click();
    await page.getByText('0 workspaces, 0 B, would be closed.').waitFor();
    expect(await seriousFindings(page)).toEqual([]);
    await picture(page, `admin-${name}`);
    await page.close();
  });

  it('lets only admins see the admin page', async () => {
    const { page } = await signedIn(browser, service, 'bob', { path: '/admin' });
    await page.getByText('This page is for admins.').waitFor();
    await page.close();
  });

  it('the sign-in: nothing serious for axe', async () => {
    const page = await browser.newPage();
    await page.goto(service.url);
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    expect(await seriousFindings(page)).toEqual([]);
    await page.close();
  });
});
