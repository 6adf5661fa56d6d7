import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Health, Log, Metrics, buildApp, readConfig } from '@relay/service-kit';
import { fileScope, freePort, keyring, relayEnvironment, testKafka, type TestKafka } from '@relay/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { gateway } from '../gateway.js';

const scope = fileScope();
const keys = keyring();
const logLines: string[] = [];
const asked: IncomingMessage[] = [];
/** What the broker that stands behind answers next. */
let answer: (url: string) => { status: number; headers: Record<string, string>; body: string } | 'nothing';
let kafka: TestKafka;
let base = '';

async function startGateway(tokenBrokerUrl: string): Promise<string> {
  const { DATABASE_URL: _none, ...env } = relayEnvironment({
    kafka,
    databaseUrl: '',
    keyring: keys,
    publicUrl: 'http://relay.test',
    tokenBrokerUrl,
  });
  const config = readConfig(gateway.settings, { env, defaults: { managementPort: 0 } });
  const log = Log.create({ service: 'gateway', level: 'debug', format: 'json', write: (line) => logLines.push(line) });
  const app = await buildApp(gateway, config, { config, log, health: new Health(), metrics: new Metrics() });
  scope.onTestFinished(() => app.close());
  await app.listen(0, '127.0.0.1');
  return `http://127.0.0.1:${(app.getHttpServer().address() as AddressInfo).port}`;
}

beforeAll(async () => {
  kafka = await testKafka(scope);
  const broker = createServer((request, response) => {
    asked.push(request);
    const made = answer(request.url ?? '');
    if (made !== 'nothing') response.writeHead(made.status, made.headers).end(made.body);
  });
  await new Promise<void>((resolve) => broker.listen(0, '127.0.0.1', resolve));
  scope.onTestFinished(() => {
    broker.closeAllConnections();
    broker.close();
  });
  base = await startGateway(`http://127.0.0.1:${(broker.address() as AddressInfo).port}`);
});

const html = (status: number, body = '<p>words</p>') => ({ status, headers: { 'content-type': 'text/html' }, body });
const TENANT = encodeURIComponent('provet:127.0.0.1:8080:9');
const get = (path: string, headers: Record<string, string> = {}, to = base) =>
  fetch(`${to}${path}`, { redirect: 'manual', headers });

describe('the consent pages', () => {
  it('are passed on with their query and their cookie, and come back with what a browser needs', async () => {
    answer = () => ({
      status: 302,
      headers: { location: 'https://vendor.test/9/', 'set-cookie': 'relay-consent-a=b; Path=/', 'x-inner': 'no' },
      body: '',
    });
    const response = await get(`/oauth/provet/${TENANT}/authorize?invite=planted-invite`, {
      cookie: 'sid=planted-other; relay-consent-x=1',
      authorization: 'Bearer planted-other',
    });
    expect(response.status).toBe(302);
    expect(response.headers.get('location')).toBe('https://vendor.test/9/');
    expect(response.headers.get('set-cookie')).toBe('relay-consent-a=b; Path=/');
    expect(response.headers.get('x-inner')).toBeNull();
    const passed = asked.at(-1);
    expect(passed?.url).toBe(`/oauth/provet/${TENANT}/authorize?invite=planted-invite`);
    expect(passed?.headers).toMatchObject({ cookie: 'relay-consent-x=1' });
    expect(JSON.stringify(passed?.headers)).not.toContain('planted-other');
    answer = () => html(410);
    const page = await get('/oauth/callback?code=planted-code&state=planted-state');
    expect([page.status, await page.text()]).toEqual([410, '<p>words</p>']);
    expect(asked.at(-1)?.url).toBe('/oauth/callback?code=planted-code&state=planted-state');
  });

  it('are two, and nothing else of the broker can be reached', async () => {
    const before = asked.length;
    for (const path of [
      '/oauth/',
      '/oauth/provet/',
      '/oauth/callback/x',
      '/oauth/provet/a/b/authorize',
      '/oauth/token',
    ]) {
      expect((await get(path)).status).toBe(404);
    }
    expect((await fetch(`${base}/oauth/callback`, { method: 'POST' })).status).toBe(405);
    expect(asked.length).toBe(before);
    answer = () => html(404);
    await get(`/oauth/provet/${encodeURIComponent('../../../metrics')}/authorize`);
    expect(asked.at(-1)?.url).toBe('/oauth/provet/unknown/authorize');
  });

  it('say so when the broker is away, or somebody else answers in its place', async () => {
    const away = await get(
      `/oauth/provet/${TENANT}/authorize?invite=x`,
      {},
      await startGateway(`http://127.0.0.1:${await freePort()}`),
    );
    answer = () => ({ status: 502, headers: { 'content-type': 'application/json' }, body: '{"planted":"proxy"}' });
    for (const response of [away, await get('/oauth/callback?code=planted-code')]) {
      expect(response.status).toBe(503);
      expect(response.headers.get('retry-after')).toBe('5');
      expect(response.headers.get('cache-control')).toBe('no-store');
      expect(response.headers.get('referrer-policy')).toBe('no-referrer');
      expect(await response.text()).toContain('It still works');
    }
  });

  it('wait for the broker only so long', async () => {
    answer = () => 'nothing';
    const begun = Date.now();
    expect((await get(`/oauth/provet/${TENANT}/authorize?invite=x`)).status).toBe(503);
    expect(Date.now() - begun).toBeLessThan(7000);
  });

  it('slow down who guesses, and nobody else', async () => {
    answer = (url) => html(url.includes('right') ? 410 : 404);
    const statuses = new Set<number>();
    for (let i = 0; i < 110; i++) statuses.add((await get(`/oauth/provet/${TENANT}/authorize?invite=${i}`)).status);
    expect([...statuses]).toEqual([404, 429]);
    expect((await get(`/oauth/provet/${TENANT}/authorize?invite=right`)).status).toBe(410);
  });

  it('leave no invite and no code in the log', () => {
    expect(logLines.length).toBeGreaterThan(5);
    expect(logLines.join('')).not.toContain('planted');
  });
});
