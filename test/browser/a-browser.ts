import { mkdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { once } from 'node:events';
import { chromium, type Browser, type Locator, type Page } from 'playwright-core';
import { PROJECT_ROOT } from '../../src/config/index.js';
import { aToken } from '../ownership/attackers.js';
import { aService, SECRET, type TestService } from '../support/a-service.js';

const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Where the suite leaves its pictures. */
export const picturesDirectory = join(PROJECT_ROOT, '.setup', 'pictures');

export async function aBrowser(): Promise<Browser> {
  mkdirSync(picturesDirectory, { recursive: true });
  return await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: flags });
}

/** The service on a port that stays the same when it is started again. */
export async function aServiceForBrowsers(env: Record<string, string> = {}): Promise<TestService> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as { port: number };
  probe.close();
  return await aService({ PORT: String(port), RATE_LIMIT_PER_MINUTE: '1000', ...env });
}

/** A page with a signed-in user, as the printed link opens it, and what went wrong in it. */
export interface SignedIn {
  page: Page;
  /** Errors of scripts, refusals of the content policy, addresses outside of the service. */
  troubles: string[];
}

export async function signedIn(
  browser: Browser,
  service: TestService,
  user: string,
  options: Parameters<Browser['newPage']>[0] & { path?: string; claims?: Record<string, unknown> } = {},
): Promise<SignedIn> {
  const { path = '/', claims = {}, ...more } = options;
  const page = await browser.newPage({ viewport: { width: 1200, height: 900 }, ...more });
  const troubles = troublesOf(page, [service.url]);
  await page.goto(`${service.url}${path}#token=${await aToken(user, SECRET, claims)}`);
  await page.getByText(`Signed in as ${user}`).waitFor();
  return { page, troubles };
}

export function troublesOf(page: Page, origins: readonly string[]): string[] {
  const troubles: string[] = [];
  page.on('pageerror', (error) => troubles.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error') troubles.push(message.text());
  });
  const isForeign = (url: string): boolean =>
    !/^(?:blob|data):/.test(url) && !origins.some((origin) => url.startsWith(origin));
  page.on('response', (response) => {
    if (isForeign(response.url())) troubles.push(`asked for ${response.url()}`);
  });
  // What the content policy refuses was never sent.
  page.on('requestfailed', (request) => {
    if (isForeign(request.url()) && request.failure()?.errorText !== 'csp')
      troubles.push(`asked for ${request.url()}`);
  });
  return troubles;
}

/** The card of a message, counted from 1. */
export function messageCard(page: Page, number: number): Locator {
  return page.getByRole('article', { name: `Message ${String(number)}`, exact: true });
}

/** Types code into the newest message and runs it; resolves when it has ended. */
export async function runIn(card: Locator, code: string, status = 'Finished'): Promise<void> {
  await startIn(card, code);
  await card.getByText(status, { exact: true }).waitFor();
}

export async function startIn(card: Locator, code: string): Promise<void> {
  await writeIn(card, code);
  await card.getByRole('button', { name: 'Run', exact: true }).click();
}

export async function writeIn(card: Locator, code: string): Promise<void> {
  const editor = card.getByRole('textbox', { name: 'Python code' });
  // Chromium gives text that replaces coloured text a style attribute, which the policy refuses with a message.
  await editor.press('Control+A');
  await editor.press('Delete');
  await editor.fill(code);
}

export async function picture(page: Page, name: string): Promise<void> {
  // Two frames: what was just scrolled to is painted, frames included.
  await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
  await page.screenshot({ path: join(picturesDirectory, `${name}.png`) });
}
