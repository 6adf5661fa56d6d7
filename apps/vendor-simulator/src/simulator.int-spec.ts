import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it, onTestFinished } from 'vitest';
import { until } from '@relay/testing';
import { startSimulator, type Simulator, type SimulatorOptions } from './start.js';

interface Delivery {
  readonly url: string;
  readonly type: string;
  readonly body: string;
}

/** A receiver of webhooks and hookups that answers what it is told to. */
class Receiver {
  readonly got: Delivery[] = [];
  statuses: number[] = [];
  readonly #server: Server = createServer(
    (request, response) => void this.#take(request).then((status) => response.writeHead(status).end()),
  );

  async open(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    onTestFinished(async () => {
      this.#server.closeAllConnections();
      await new Promise((resolve) => this.#server.close(resolve));
    });
    return this;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async #take(request: IncomingMessage): Promise<number> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    this.got.push({
      url: request.url ?? '',
      type: request.headers['content-type'] ?? '',
      body: Buffer.concat(chunks).toString(),
    });
    return this.statuses.shift() ?? 200;
  }
}

let simulator: Simulator | null = null;
afterEach(async () => {
  await simulator?.close();
  simulator = null;
});

async function start(options: SimulatorOptions = {}): Promise<Simulator> {
  simulator = await startSimulator({ seed: 'int', ...options });
  return simulator;
}

async function call(
  url: string,
  init: RequestInit = {},
): Promise<{ status: number; json: unknown; text: string; headers: Headers }> {
  const answer = await fetch(url, { redirect: 'manual', ...init });
  const text = await answer.text();
  const isJson = answer.headers.get('content-type')?.includes('json') === true && text !== '';
  return {
    status: answer.status,
    text,
    json: isJson ? (JSON.parse(text) as unknown) : undefined,
    headers: answer.headers,
  };
}

const send = (method: string, body: unknown): RequestInit => ({
  method,
  body: JSON.stringify(body),
  headers: { 'content-type': 'application/json' },
});

async function tokenOf(sim: Simulator, id: number): Promise<string> {
  const { clientId, secret } = sim.provet.tenant(id).credential;
  const body = new URLSearchParams({ grant_type: 'client_credentials', client_id: clientId, client_secret: secret });
  const { json } = await call(`${sim.provetUrl}/${id}/oauth2/token/`, { method: 'POST', body });
  return (json as { access_token: string }).access_token;
}

describe('the simulated Provet over HTTP', () => {
  it('says what it is, answers the API, and names its own address in its data', async () => {
    const sim = await start({ tenants: 1, records: 3 });
    expect((await call(`${sim.provetUrl}/`)).text).toContain('simulation of Provet Cloud');
    const headers = { authorization: `Bearer ${await tokenOf(sim, 8101)}` };
    const { json } = await call(`${sim.provetUrl}/8101/api/0.1/client/2/`, { headers });
    expect(json).toMatchObject({ id: 2, url: `http://${sim.host}/8101/api/0.1/client/2/` });
    const slashless = await call(`${sim.provetUrl}/8101/api/0.1/client?page=1`, { headers });
    expect([slashless.status, slashless.headers.get('location')]).toEqual([301, '/8101/api/0.1/client/?page=1']);
    expect(
      (await call(`${sim.provetUrl}/8101/api/0.1/hook/webhook/`, { method: 'OPTIONS', headers })).json,
    ).toMatchObject({ actions: {} });
    expect((await call(`${sim.provetUrl}/8101/api/0.1/client/2/`, { method: 'HEAD', headers })).status).toBe(200);
  });

  it('registers its tenants until the hookup URL accepts them', async () => {
    const receiver = await new Receiver().open();
    receiver.statuses = [503, 404];
    const sim = await start({ tenants: 1, hookupUrl: `${receiver.url}/hookup/provet/secret` });
    await until('the third try', () => receiver.got.length === 3, { timeoutMs: 10_000 });
    expect(JSON.parse(receiver.got[2]?.body ?? '')).toMatchObject({
      provet_id: 8101,
      token_url: `${sim.provetUrl}/8101/oauth2/token/`,
      authorization_grant_type: 'client_credentials',
    });
    const spelt = await call(
      `${sim.provetUrl}/_control/provet/tenants/8101/hookup`,
      send('POST', { url: receiver.url, spelling: 'hyphen', overrides: { provet_id: 'x' } }),
    );
    expect(spelt.json).toMatchObject({ status: 200 });
    expect(JSON.parse(receiver.got[3]?.body ?? '')).toMatchObject({
      authorization_grant_type: 'client-credentials',
      provet_id: 'x',
    });
  });

  it('posts webhooks after a change and again until they are answered 200', async () => {
    const receiver = await new Receiver().open();
    receiver.statuses = [204, 500];
    const sim = await start({ tenants: 1 });
    sim.provet.deliveries.retryPausesMs = [20, 20, 20];
    const headers = { authorization: `Bearer ${await tokenOf(sim, 8101)}`, 'content-type': 'application/json' };
    for (const [trigger, content_type] of [
      [1, 1],
      [21, 2],
    ] as const) {
      const body = JSON.stringify({ trigger, content_type, target: `${receiver.url}/${trigger}` });
      expect(
        (await call(`${sim.provetUrl}/8101/api/0.1/hook/webhook/`, { method: 'POST', headers, body })).status,
      ).toBe(201);
    }
    const records = `${sim.provetUrl}/_control/provet/tenants/8101/records`;
    await call(`${records}/client/5`, send('PATCH', { firstname: 'Changed' }));
    await until('three tries', () => receiver.got.length === 3, { timeoutMs: 5_000 });
    expect(receiver.got).toEqual(
      Array.from({ length: 3 }, () => ({ url: '/1', type: 'application/x-www-form-urlencoded', body: 'client_id=5' })),
    );
    await until('the queue to be empty', () => sim.provet.deliveries.unfinished === 0, { timeoutMs: 5_000 });
    await call(`${records}/client/5?notify=drop`, send('PATCH', { firstname: 'Silent' }));
    await call(`${records}/appointment/1`, send('PATCH', { title: 'Moved' }));
    await until('the next webhook', () => receiver.got.length === 4, { timeoutMs: 5_000 });
    expect(receiver.got[3]).toEqual({ url: '/21', type: 'application/json', body: '{"appointment_id":"1"}' });
    const log = await call(`${sim.provetUrl}/_control/deliveries?outcome=dropped`);
    expect(log.json).toMatchObject({
      tally: { dropped: 1, doubled: 0, late: 0, reordered: 0 },
      deliveries: [{ recordId: 5, outcome: 'dropped' }],
    });
  });

  it('resets, hangs and is late when told to', async () => {
    const sim = await start({ tenants: 1 });
    const headers = { authorization: `Bearer ${await tokenOf(sim, 8101)}` };
    const url = `${sim.provetUrl}/8101/api/0.1/client/`;
    const plant = async (fault: object): Promise<void> => {
      await call(`${sim.provetUrl}/_control/faults`, { method: 'DELETE' });
      expect(
        (await call(`${sim.provetUrl}/_control/faults`, send('POST', { vendor: 'provet', scope: '8101', ...fault })))
          .status,
      ).toBe(201);
    };
    await plant({ effect: { kind: 'reset' } });
    await expect(call(url, { headers })).rejects.toThrow('fetch failed');
    await plant({ effect: { kind: 'hang' } });
    await expect(call(url, { headers, signal: AbortSignal.timeout(200) })).rejects.toThrow(/timeout/i);
    await plant({ delayMs: 150 });
    const began = performance.now();
    expect((await call(url, { headers })).status).toBe(200);
    expect(performance.now() - began).toBeGreaterThan(140);
    await plant({ effect: { kind: 'garbage' } });
    await expect(call(url, { headers })).rejects.toThrow(SyntaxError);
  });
});

describe('the simulated EXACT over HTTP', () => {
  it('is controlled on the other port and answers on its own', async () => {
    const sim = await start({ practices: 1, records: 10, exactClientId: 'us', exactClientSecret: 's' });
    expect((await call(`${sim.exactUrl}/`)).text).toContain('simulation of the EXACT API');
    const authorization = `Basic ${Buffer.from('us:s').toString('base64')}`;
    const scopes = 'grant_type=client_credentials&scope=productsubscription.get+patient.list';
    const token = await call(`${sim.exactUrl}/connect/token`, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/x-www-form-urlencoded' },
      body: scopes,
    });
    const headers = { authorization: `Bearer ${(token.json as { access_token: string }).access_token}` };
    expect((await call(`${sim.exactUrl}/v1/Subscriptions/active`, { headers })).json).toEqual(['UKSIM1']);
    expect((await call(`${sim.exactUrl}/v1/Practices/UKSIM1/Patients`, { headers })).json).toHaveLength(10);
    await call(`${sim.provetUrl}/_control/exact/practices/UKSIM1`, send('PATCH', { mode: 'offline' }));
    expect((await call(`${sim.exactUrl}/v1/Practices/UKSIM1/Patients`, { headers })).status).toBe(503);
    expect((await call(`${sim.exactUrl}/_control`)).status).toBe(404);
    await call(`${sim.provetUrl}/_control/exact/clients/us`, send('PATCH', { scopes: ['practice.get'] }));
    await call(`${sim.provetUrl}/_control/exact`, send('PATCH', { tokenPath: '/oauth/token' }));
    const document = await call(`${sim.exactUrl}/.well-known/openid-configuration`);
    expect(document.json).toMatchObject({ token_endpoint: `${sim.exactUrl}/oauth/token` });
    const ask = (path: string, scope: string) =>
      call(`${sim.exactUrl}${path}`, {
        method: 'POST',
        headers: { authorization: `Basic ${btoa('us:s')}` },
        body: new URLSearchParams({ grant_type: 'client_credentials', scope }),
      });
    expect((await ask('/oauth/token', 'practice.get')).status).toBe(200);
    expect((await ask('/oauth/token', 'practice.get patient.get')).json).toEqual({ error: 'invalid_scope' });
    expect((await ask('/connect/token', 'practice.get')).status).toBe(404);
    const nobody = await call(`${sim.provetUrl}/_control/exact/clients/nobody`, send('PATCH', { scopes: [] }));
    expect(nobody.status).toBe(404);
    const log = await call(`${sim.provetUrl}/_control/requests?vendor=exact&match=Patients`);
    expect(log.json).toMatchObject({ count: 2, counters: { 'GET /v1/Practices/{practiceId}/Patients 503': 1 } });
  });
});

describe('the control API', () => {
  it('wants its token where one is set, while the vendors answer as ever', async () => {
    const sim = await start({ tenants: 1, controlToken: 'a-token-of-enough-length' });
    expect((await call(`${sim.provetUrl}/_control`)).status).toBe(401);
    expect((await call(`${sim.provetUrl}/_control`, { headers: { authorization: 'Bearer other' } })).status).toBe(401);
    const headers = { authorization: 'Bearer a-token-of-enough-length' };
    expect((await call(`${sim.provetUrl}/_control`, { headers })).json).toMatchObject({ tenants: [8101] });
    expect(await tokenOf(sim, 8101)).toMatch(/^pv8101-/);
  });

  it('adds tenants, switches them and names every wrong member', async () => {
    const sim = await start();
    const control = `${sim.provetUrl}/_control/provet/tenants`;
    const added = await call(control, send('POST', { id: 9, records: { client: 2 }, secret: 'known' }));
    expect(added).toMatchObject({ status: 201, json: { id: 9, hookup: { client_secret: 'known', provet_id: 9 } } });
    const wrong = await call(`${control}/9/switches`, send('PATCH', { limits: 'no', moon: 1 }));
    expect(wrong.status).toBe(400);
    expect(wrong.text).toContain('limits');
    expect(wrong.text).toContain('moon');
    const switched = await call(
      `${control}/9/switches`,
      send('PATCH', { forbid: ['hooks', 'invoice'], closed: 'no', webhooks: { drop: 0.5 } }),
    );
    expect(switched.json).toMatchObject({
      switches: { forbidden: ['Settings: Integration settings', 'invoice'], webhooks: { drop: 0.5 } },
    });
    const headers = { authorization: `Bearer ${await tokenOf(sim, 9)}` };
    expect((await call(`${sim.provetUrl}/9/api/0.1/invoice/`, { headers })).status).toBe(403);
    expect((await call(`${control}/9/revoke-tokens`, { method: 'POST' })).json).toEqual({ revoked: 1 });
    expect((await call(`${sim.provetUrl}/9/api/0.1/client/`, { headers })).status).toBe(401);
    await call(`${control}/9/credentials/client-9`, send('PUT', { secret: 'other' }));
    expect(sim.provet.tenant(9).credential.secret).toBe('other');
    expect((await call(`${control}/10`)).status).toBe(404);
  });

  it('keeps records: creates, replaces, changes, merges and removes them', async () => {
    const sim = await start({ tenants: 1, records: 5 });
    const records = `${sim.provetUrl}/_control/provet/tenants/8101/records`;
    const made = await call(`${records}/invoice`, send('POST', { total: 12 }));
    expect(made.status).toBe(201);
    expect(made.text).toContain('"total":12.0,');
    expect((await call(`${records}/invoice`)).json).toEqual({ count: 6, ids: [1, 2, 3, 4, 5, 6] });
    await call(`${records}/client/3`, send('PATCH', { firstname: 'Kept', extra_member: [1] }));
    expect((await call(`${records}/client/3`)).json).toMatchObject({ id: 3, firstname: 'Kept', extra_member: [1] });
    await call(`${records}/client/3`, send('PUT', { lastname: 'Only' }));
    const replaced = (await call(`${records}/client/3`)).json as Record<string, unknown>;
    expect(replaced).toMatchObject({ lastname: 'Only' });
    expect(replaced).not.toHaveProperty('extra_member');
    expect((await call(`${records}/client/77`, send('PATCH', {}))).status).toBe(404);
    expect((await call(`${records}/patient/merge`, send('POST', { survivor: 1, alias: 2 }))).status).toBe(201);
    expect((await call(`${records}/patient/2`)).status).toBe(404);
    expect((await call(`${records}/client/3`, { method: 'DELETE' })).status).toBe(204);
    expect((await call(`${records}/client/3`, { method: 'DELETE' })).status).toBe(404);
    const changes = await call(`${sim.provetUrl}/_control/changes?after=1`);
    expect(changes.json).toMatchObject({
      changes: expect.arrayContaining([expect.objectContaining({ kind: 'deleted', recordId: 3 })]),
    });
  });

  it('lets life run at a pace, and stops it', async () => {
    const sim = await start({ tenants: 1, practices: 1 });
    await call(`${sim.provetUrl}/_control/life`, send('PATCH', { running: true, seconds: 0.02 }));
    await until('changes of both vendors', () => sim.provet.changes.total > 2 && sim.exact.changes.total > 2, {
      timeoutMs: 5_000,
    });
    expect((await call(`${sim.provetUrl}/_control/life`, send('PATCH', { running: false }))).json).toMatchObject({
      running: false,
    });
    const { total } = sim.provet.changes;
    await call(`${sim.provetUrl}/_control/life`, send('PATCH', { steps: 3 }));
    expect(sim.provet.changes.total).toBeGreaterThanOrEqual(total + 3);
  });

  it('names a port that is taken', async () => {
    const sim = await start();
    const port = Number(new URL(sim.exactUrl).port);
    await expect(startSimulator({ exactPort: port })).rejects.toThrow(`port ${port} on 127.0.0.1 cannot be opened`);
  });
});
