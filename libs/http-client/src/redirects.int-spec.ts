import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { HostAllowList } from './host-allow-list.js';
import { OutgoingHttp } from './outgoing-http.js';

interface Seen {
  readonly at: 'vendor' | 'elsewhere';
  readonly request: string;
  readonly authorization: string | undefined;
}

let seen: Seen[] = [];
let redirect = { status: 302, location: '' };
const note = (at: Seen['at'], { method, url, headers }: IncomingMessage) =>
  seen.push({ at, request: `${method} ${url}`, authorization: headers.authorization });
const elsewhere = createServer((request, response) => {
  note('elsewhere', request);
  response.end('caught');
});
const vendor = createServer((request, response) => {
  note('vendor', request);
  response.writeHead(redirect.status, { location: redirect.location }).end();
});
const hostOf = (server: typeof vendor) => `127.0.0.1:${(server.address() as AddressInfo).port}`;
let http: OutgoingHttp;

beforeAll(async () => {
  for (const server of [elsewhere, vendor]) {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  }
  // Both are allowed: nothing but the rule itself keeps the second one from being called.
  const allow = HostAllowList.parse([hostOf(vendor), hostOf(elsewhere)]);
  http = new OutgoingHttp({ allow, allowHttp: true, attemptTimeoutMs: 5000, connectionsPerHost: 2 });
});
afterAll(async () => {
  await http.close();
  for (const server of [elsewhere, vendor]) {
    server.closeAllConnections();
    server.close();
  }
});
beforeEach(() => {
  seen = [];
});

describe.each([301, 302, 303, 307, 308])('a redirect with %i', (status) => {
  it.each<[string, string, Record<string, string>, string | undefined]>([
    ['a read without credentials', 'GET', {}, undefined],
    ['a read with a token', 'GET', { authorization: 'Bearer planted' }, undefined],
    ['a token request', 'POST', { authorization: 'Basic planted' }, 'grant_type=refresh_token&refresh_token=planted'],
  ])('is handed back after %s, not followed', async (_what, method, headers, body) => {
    for (const location of [`http://${hostOf(elsewhere)}/`, `//${hostOf(elsewhere)}/x`, '/18/api/0.1/']) {
      redirect = { status, location };
      seen = [];
      const url = `http://${hostOf(vendor)}/17/api/0.1/`;
      const reply = await http.send({ method, url, route: '/r', headers, ...(body === undefined ? {} : { body }) });
      expect(reply).toMatchObject({ kind: 'response', status, headers: { location } });
      expect(seen).toEqual([
        { at: 'vendor', request: `${method} /17/api/0.1/`, authorization: headers['authorization'] },
      ]);
    }
  });
});

it('an address outside of what it must stay below is not called, whatever it carries', async () => {
  const below = `http://${hostOf(vendor)}/17/`;
  for (const url of [`http://${hostOf(elsewhere)}/17/x`, `${below}../18/x`, `${below}..%2f18/x`, `${below}..\\18\\x`]) {
    const reply = await http.send({ method: 'GET', url, below, route: '/r', headers: { authorization: 'planted' } });
    expect(reply, url).toMatchObject({ kind: 'no-answer', fault: 'refused-host', sent: false });
  }
  expect(seen).toEqual([]);
});
