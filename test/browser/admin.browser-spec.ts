import { jest } from '@jest/globals';
import type { Browser, Locator } from 'playwright-core';
import type { TestService } from '../support/a-service.js';
import { aBrowser, aServiceForBrowsers, signedIn, type SignedIn } from './a-browser.js';

jest.setTimeout(90_000);

describe('the admin page', () => {
  let browser: Browser;
  let service: TestService;
  let root: SignedIn;

  beforeAll(async () => {
    service = await aServiceForBrowsers({ WORKSPACE_RETENTION_DAYS: '0.00001' });
    browser = await aBrowser();
    root = await signedIn(browser, service, 'root', { path: '/admin', claims: { role: 'admin' } });
  });

  afterAll(async () => {
    await browser.close();
    await service.remove();
  });

  /** The tile with this title, whose chart is the only picture in it. */
  function tile(title: string): Locator {
    return root.page.locator('.tile').filter({ has: root.page.getByText(title, { exact: true }) });
  }

  it('draws what happens into its charts, unasked', async () => {
    const line = tile('Files').getByRole('img', { name: 'Files over the last minutes' }).locator('polyline');
    await tile('Files').getByText('0', { exact: true }).waitFor();
    await (await service.as('alice')).run("open('made.txt', 'w').write('made')", { message_id: 'm-1' });
    await tile('Files').getByText('1', { exact: true }).waitFor();
    // From the ground to the top.
    expect(await line.getAttribute('points')).toMatch(/^0\.0,31\.0 (?:.* )?120\.0,1\.0$/);
    expect(root.troubles).toEqual([]);
  });

  it('closes what the dry run named, and only after it', async () => {
    const { page } = root;
    const cleanUp = page.getByRole('region', { name: 'Clean-up' });
    const forReal = cleanUp.getByRole('button', { name: 'Clean up now' });
    expect(await forReal.isEnabled()).toBe(false);
    while (!(await forReal.isEnabled())) {
      const answered = page.waitForResponse((response) => response.url().endsWith('/admin/cleanup'));
      await cleanUp.getByRole('button', { name: 'What would be closed?' }).click();
      await answered;
      await cleanUp.getByText(/would be closed\.$/).waitFor();
    }
    await cleanUp.getByText(/^1 workspace, .* would be closed\.$/).waitFor();
    await cleanUp.getByRole('listitem').filter({ hasText: 'alice: m-1' }).waitFor();
    await page.getByRole('region', { name: 'Workspaces' }).getByRole('cell', { name: 'active' }).waitFor();

    await forReal.click();

    await cleanUp.getByText(/^1 workspace, .* were closed\.$/).waitFor();
    expect(await forReal.isEnabled()).toBe(false);
    await page
      .getByRole('region', { name: 'Workspaces' })
      .getByRole('cell', { name: 'active' })
      .waitFor({ state: 'detached' });
    await tile('Workspaces').getByText('0', { exact: true }).waitFor();
    expect(await (await service.as('alice')).files('message_id=m-1')).toMatchObject([{ name: 'made.txt' }]);
    expect(root.troubles).toEqual([]);
  });
});
