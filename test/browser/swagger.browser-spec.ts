import { jest } from '@jest/globals';
import type { Browser } from 'playwright-core';
import type { TestService } from '../support/a-service.js';
import { aToken } from '../ownership/attackers.js';
import { SECRET } from '../support/a-service.js';
import { aBrowser, aServiceForBrowsers, troublesOf } from './a-browser.js';

jest.setTimeout(180_000);

describe('the Swagger page', () => {
  let browser: Browser;
  let service: TestService;

  beforeAll(async () => {
    [service, browser] = await Promise.all([aServiceForBrowsers(), aBrowser()]);
  });

  afterAll(async () => {
    await browser.close();
    await service.remove();
  });

  it('lets an admin authorise and run code as it stands there, and asks nobody else', async () => {
    const page = await browser.newPage();
    page.setDefaultTimeout(90_000);
    const troubles = troublesOf(page, [service.url]);
    await page.goto(`${service.url}/docs`);
    await page.getByRole('button', { name: 'Authorize' }).click();
    const bearer = page.locator('.auth-container').filter({ hasText: 'bearer' });
    await bearer.getByRole('textbox').fill(await aToken('ada', SECRET, { role: 'admin' }));
    await bearer.getByRole('button', { name: 'Apply credentials' }).click();
    await bearer.getByRole('button', { name: 'Close' }).click();

    for (const [operation, shown] of [
      ['#operations-Executions-execute', '"stdout": "1\\n"'],
      ['#operations-Admin-getStats', '"executions"'],
    ] as const) {
      const block = page.locator(operation);
      await block.locator('.opblock-summary-control').click();
      await block.getByRole('button', { name: 'Execute' }).click();
      await block.locator('.live-responses-table').getByText(shown).first().waitFor();
    }
    expect(troubles).toEqual([]);
    await page.close();
  });
});
