import { fileScope, until } from '@relay/testing';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { chromium, type Browser, type Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { RelayStack } from './support/relay-stack.js';

const scope = fileScope();
const CHROMIUM = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium';
const HOSTILE = '<img src=x onerror="document.title=\'broken into\'">';
const SCREENSHOTS = join(import.meta.dirname, '.artifacts');

/** Chromium without the calls home that it makes at start. */
async function startBrowser(): Promise<Browser> {
  if (!existsSync(CHROMIUM)) throw new Error(`${CHROMIUM} is missing: apt-get install chromium, or set CHROMIUM_PATH`);
  const browser = await chromium.launch({
    executablePath: CHROMIUM,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
    ],
  });
  scope.onTestFinished(() => browser.close());
  return browser;
}

describe("the operator's page in a real browser", () => {
  let relay: RelayStack;
  let page: Page;
  let tenantId: string;
  const problems: string[] = [];

  const row = () => page.locator(`[data-testid=tenant-row][data-tenant-id="${tenantId}"]`);
  const textOf = async (handle: string) => ((await row().getByTestId(handle).textContent()) ?? '').trim();

  beforeAll(async () => {
    relay = await RelayStack.start(scope, {
      services: ['tenant-registry', 'token-broker', 'gateway', 'provet-sync', 'console'],
    });
    tenantId = await relay.joinProvet({ id: 1, records: 5 });
    const named = await relay.registry(`/tenants/${encodeURIComponent(tenantId)}`, {
      method: 'PATCH',
      body: JSON.stringify({ displayName: HOSTILE, reason: 'a hostile name' }),
    });
    if (!named.ok) throw new Error(`the name was answered ${named.status}`);
    page = await (await startBrowser()).newPage({ viewport: { width: 1280, height: 800 } });
    page.on('pageerror', (error) => problems.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') problems.push(message.text());
    });
  });

  it('signs in by the address that `npm start` prints, and takes the token out of it', async () => {
    await page.goto(`${relay.service('console').url}/#token=${relay.keys.OPERATOR_TOKEN}`);
    await row().waitFor({ timeout: 20_000 });
    expect(page.url()).not.toContain(relay.keys.OPERATOR_TOKEN);
    const [cookie] = await page.context().cookies();
    expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Strict' });
    expect(cookie?.value).not.toContain(relay.keys.OPERATOR_TOKEN);
  });

  it('shows a hostile name as text', async () => {
    expect(await textOf('tenant-name')).toBe(HOSTILE);
    expect(await page.title()).not.toContain('broken into');
    expect(await row().locator('img').count()).toBe(0);
  });

  it('changes the count on the page when a change in the practice was missed and healed', async () => {
    await until(
      'every resource is live on the page',
      async () => {
        const phases = await row()
          .locator('[data-testid^=phase-]')
          .evaluateAll((all) => all.map((one) => one.dataset['phase']));
        return phases.length === 5 && phases.every((phase) => phase === 'live');
      },
      { timeoutMs: 60_000 },
    );
    const before = Number(await textOf('tenant-missed'));
    relay.simulator.provet.put(1, 'client', 1, { firstname: 'Nobody-announced' }, { notify: 'drop' });
    await until('the page counts it', async () => Number(await textOf('tenant-missed')) === before + 1, {
      timeoutMs: 40_000,
    });
    await until('and that it was healed', async () => Number(await textOf('tenant-healed')) >= 1);
    await page.screenshot({ path: join(SCREENSHOTS, 'console-light.png'), fullPage: true });
    await page.emulateMedia({ colorScheme: 'dark' });
    await page.screenshot({ path: join(SCREENSHOTS, 'console-dark.png'), fullPage: true });
    await page.setViewportSize({ width: 360, height: 740 });
    await page.screenshot({ path: join(SCREENSHOTS, 'console-narrow.png'), fullPage: true });
    // In words, as the page's own types are not these tests': how far the content reaches beyond the window.
    const overflow = await page.evaluate<number>(
      'document.documentElement.scrollWidth - document.documentElement.clientWidth',
    );
    expect(overflow).toBeLessThanOrEqual(0);
  });

  it('shows how each resource stands and compares with the vendor', async () => {
    await page.setViewportSize({ width: 1280, height: 800 });
    expect(await textOf('tenant-completeness')).toBe('not compared with the vendor yet');
    const path = `/tenants/${encodeURIComponent(tenantId)}/compare`;
    const ordered = await relay.registry(path, { method: 'POST', body: JSON.stringify({ reason: 'to be seen' }) });
    expect(ordered.status).toBe(202);
    await until(
      'all are compared on the page',
      async () => (await textOf('tenant-completeness')) === 'compared 5 of 5, all equal',
      { timeoutMs: 60_000 },
    );
    await row().getByTestId('tenant-completeness').click();
    expect(await textOf('completeness-patient')).toBe('patient live, equal: 5 at the vendor, 5 here');
    // One was changed a moment ago: it counts on neither side yet.
    expect(await textOf('completeness-client')).toMatch(/^client live, equal: (5 .*, 5 here|4 .*, 4 here, 1 changed)/);
  });

  it('shows what waits for a person, with names from outside as text', async () => {
    expect(await page.getByTestId('holds').isVisible()).toBe(false);
    const oauth = 'https://vet.elsewhere.example/77/oauth2';
    const refused = await relay.hookup({
      ...relay.simulator.provet.hookup(1),
      provet_id: 77,
      token_url: `${oauth}/token/`,
      authorize_url: `${oauth}/authorize/`,
    });
    expect(refused.status).toBe(403);
    const hold = page.locator('[data-testid=hold][data-kind=host-not-allowed]');
    await hold.waitFor({ timeout: 40_000 });
    expect(await hold.getByTestId('hold-subject').textContent()).toBe('provet:vet.elsewhere.example:77');
    expect(await hold.getByTestId('hold-text').textContent()).toContain('Nothing is asked of vet.elsewhere.example');
    await page.emulateMedia({ colorScheme: 'light' });
    await page.screenshot({ path: join(SCREENSHOTS, 'console-holds.png'), fullPage: true });
    await page.setViewportSize({ width: 360, height: 740 });
    await page.screenshot({ path: join(SCREENSHOTS, 'console-holds-narrow.png'), fullPage: true });
    const overflow = await page.evaluate<number>(
      'document.documentElement.scrollWidth - document.documentElement.clientWidth',
    );
    expect(overflow).toBeLessThanOrEqual(0);
  });

  it('runs under a strict policy without an error', async () => {
    const response = await fetch(relay.service('console').url);
    expect(response.headers.get('content-security-policy')).toMatch(/default-src 'none'/);
    expect(problems).toEqual([]);
  });

  it('signs out', async () => {
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.getByTestId('sign-out').click();
    await page.getByTestId('signin-form').waitFor();
    expect(await page.context().cookies()).toEqual([]);
  });
});
