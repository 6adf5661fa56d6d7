import type { AuditValue, HookupValue, TenantValue } from '@relay/contracts';
import { OpeningKeys } from '@relay/sealing';
import { fileScope, until } from '@relay/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { CLIENT_SECRET, HOST, RunningRegistry, at, hookupOf } from '../test-support/running-registry.js';

const file = fileScope();
let registry: RunningRegistry;
beforeAll(async () => {
  registry = await RunningRegistry.start(file);
});

describe('the admin API', () => {
  it('asks for a token and a role', async () => {
    const none = await fetch(`${registry.base}/tenants`);
    expect(none.status).toBe(401);
    expect(none.headers.get('www-authenticate')).toContain('Bearer');
    expect(none.headers.get('content-type')).toContain('application/problem+json');
    expect((await registry.ask('/tenants', {}, 'wrong')).status).toBe(401);
    expect((await registry.ask('/tenants', {}, registry.operators.viewer.token)).status).toBe(200);
    const path = `${at('provet:none:1')}/suspend`;
    expect((await registry.post(path, { reason: 'x' }, registry.operators.viewer.token)).status).toBe(403);
    expect((await registry.post(path, { reason: 'x' }, registry.operators.operator.token)).status).toBe(404);
    expect((await registry.ask('/tenants', { method: 'DELETE' })).status).toBe(405);
  });

  it('registers what comes by e-mail, with the secret sealed for the token-broker alone', async () => {
    const response = await registry.post('/tenants', hookupOf(70, 'mail/1'));
    expect(response.status).toBe(201);
    const tenant = (await response.json()) as TenantValue;
    expect(tenant).toMatchObject({ tenantId: `provet:${HOST}:70`, state: 'pending' });
    expect((await registry.post('/tenants', hookupOf(70, 'mail/1'))).status).toBe(200);
    const credentialId = `${tenant.tenantId}/mail/1`;
    const sent = await until('hookup.v1', () => registry.seen('hookup.v1').find(({ key }) => key === credentialId));
    const { client_secret: sealed } = (sent.value as HookupValue).registration;
    const context = { topic: 'hookup.v1', tenantId: tenant.tenantId, credentialId, host: HOST };
    const opening = OpeningKeys.parse(registry.keys.CREDENTIAL_PRIVATE_JWKS);
    expect(await opening.open(sealed as string, context)).toBe(CLIENT_SECRET);
    const bad = await registry.post('/tenants', { ...hookupOf(71), client_type: 'x', provet_id: 0 });
    expect(bad.status).toBe(400);
    expect(((await bad.json()) as { errors: { member: string }[] }).errors.map((e) => e.member)).toEqual([
      'provet_id',
      'client_type',
    ]);
    const foreign = JSON.parse(JSON.stringify(hookupOf(71)).replaceAll(HOST, 'evil.example')) as unknown;
    expect((await registry.post('/tenants', foreign)).status).toBe(403);
  });

  it('registers with the short form that the settings page of the vendor gives', async () => {
    const apiUrl = `http://${HOST}/72/api/0.1/`;
    const short = { apiUrl, clientId: 'short', clientSecret: CLIENT_SECRET, grant: 'client_credentials' };
    const response = await registry.post('/tenants', short);
    expect(response.status).toBe(201);
    const { tenantId } = (await response.json()) as TenantValue;
    expect(tenantId).toBe(`provet:${HOST}:72`);
    const key = `${tenantId}/short`;
    const sent = await until('hookup.v1', () => registry.seen('hookup.v1').find((one) => one.key === key));
    const { token_url } = (sent.value as HookupValue).registration;
    expect(token_url).toBe(`http://${HOST}/72/oauth2/token/`);
    const bad = await registry.post('/tenants', { ...short, apiUrl: `http://${HOST}/72/`, clientId: '' });
    expect(bad.status).toBe(400);
    expect(await bad.json()).toMatchObject({ errors: [{ member: 'apiUrl' }] });
    const foreign = await registry.post('/tenants', { ...short, apiUrl: 'http://evil.example/72/api/0.1/' });
    expect([foreign.status, (await foreign.json()) as object]).toMatchObject([403, { errors: [{ member: 'apiUrl' }] }]);
  });

  it('suspends, resumes and says when it cannot, with every change in the audit trail', async () => {
    const tenantId = await registry.hookup(80);
    await registry.credential(tenantId, 'proven');
    await registry.becomes(tenantId, 'active');
    expect((await registry.post(`${at(tenantId)}/suspend`, {})).status).toBe(400);
    expect((await registry.post(`${at(tenantId)}/resume`, { reason: 'x' })).status).toBe(409);
    expect(
      (await registry.post(`${at(tenantId)}/suspend`, { reason: 'invoice open' }, registry.operators.operator.token))
        .status,
    ).toBe(202);
    expect(await registry.stateOf(tenantId)).toBe('suspended: operator');
    expect((await registry.post(`${at(tenantId)}/suspend`, { reason: 'again' })).status).toBe(409);
    expect((await registry.post(`${at(tenantId)}/resume`, { reason: 'paid' })).status).toBe(202);
    expect(await registry.stateOf(tenantId)).toBe('active');
    const entry = await until('the audit entry', () =>
      registry
        .seen('audit.v1')
        .find(({ key, value }) => key === tenantId && (value as AuditValue).action === 'suspend'),
    );
    expect(entry.value).toMatchObject({
      actor: 'operator:operator',
      reason: 'invoice open',
      detail: { from: 'active', state: 'suspended' },
    });
  });

  it('lists by pages, state and words, and edits names', async () => {
    const edit = { externalId: '100%_sure', displayName: 'Vet <b>&', labels: { region: 'north' }, reason: 'tidy' };
    const edited = await registry.ask(at(`provet:${HOST}:80`), { method: 'PATCH', body: JSON.stringify(edit) });
    expect(edited.status).toBe(200);
    expect(await edited.json()).toMatchObject({
      externalId: '100%_sure',
      displayName: 'Vet <b>&',
      labels: { region: 'north' },
    });
    interface Page {
      items: TenantValue[];
      nextCursor: string | null;
    }
    const page = async (query: string): Promise<Page> =>
      (await (await registry.ask(`/tenants?${query}`)).json()) as Page;
    const everyone = await page('limit=500');
    const walked: string[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const next: Page = await page(`limit=2${cursor ? `&cursor=${cursor}` : ''}`);
      walked.push(...next.items.map((one) => one.tenantId));
      cursor = next.nextCursor;
    }
    expect(walked).toEqual(everyone.items.map((one) => one.tenantId));
    expect((await page(`q=${encodeURIComponent('100%_S')}`)).items.map((one) => one.tenantId)).toEqual([
      `provet:${HOST}:80`,
    ]);
    expect((await page(`q=${encodeURIComponent('100__')}`)).items).toEqual([]);
    expect(
      (await page('state=withdrawn&vendor=exact')).items.every((one) => one.tenantId.startsWith('exact:qa:')),
    ).toBe(true);
    for (const query of [
      'limit=0',
      'limit=501',
      'limit=x',
      'state=none',
      'cursor=abc',
      'unknown=1',
      'limit=1&limit=2',
    ]) {
      expect([query, (await registry.ask(`/tenants?${query}`)).status]).toEqual([query, 400]);
    }
    const wrong = await registry.ask(at(`provet:${HOST}:80`), {
      method: 'PATCH',
      body: JSON.stringify({ labels: { a: 1 }, name: 'x' }),
    });
    expect(((await wrong.json()) as { errors: { member: string }[] }).errors.map((e) => e.member).sort()).toEqual([
      'labels',
      'name',
    ]);
  });

  it('takes changes that meet on one tenant, one after the other, and publishes the last', async () => {
    const path = at(`provet:${HOST}:80`);
    const edits = Array.from({ length: 12 }, (_, n) =>
      n % 2 === 0 ? { externalId: `id-${n}` } : { displayName: `name-${n}` },
    );
    const answers = await Promise.all(
      edits.map((edit) => registry.ask(path, { method: 'PATCH', body: JSON.stringify(edit) })),
    );
    expect(answers.map((one) => one.status)).toEqual(answers.map(() => 200));
    const results = await Promise.all(answers.map(async (one) => (await one.json()) as TenantValue));
    const versions = results.map((one) => one.version);
    expect(new Set(versions).size).toBe(12);
    // In the order of their versions each result is the one before with this edit alone: nobody's change is lost.
    const inOrder = results
      .map((result, n) => ({ result, edit: edits[n] }))
      .sort((a, b) => a.result.version - b.result.version);
    for (const [n, { result, edit }] of inOrder.entries()) {
      const { externalId, displayName } = inOrder[n - 1]?.result ?? {
        externalId: '100%_sure',
        displayName: 'Vet <b>&',
      };
      expect(result).toMatchObject({ externalId, displayName, ...edit });
    }
    const stored = (await (await registry.ask(path)).json()) as TenantValue;
    expect(stored.version).toBe(Math.max(...versions));
    const last = await until('the newest on tenant.v1', () => {
      const value = registry.published(stored.tenantId);
      return value?.version === stored.version ? value : null;
    });
    expect(last.externalId).toBe(stored.externalId);
  });

  it('gives webhook addresses to admins, and its description to everybody', async () => {
    const path = `${at(`provet:${HOST}:80`)}/webhook-urls`;
    expect((await registry.ask(path, {}, registry.operators.operator.token)).status).toBe(403);
    const { items } = (await (await registry.ask(path)).json()) as {
      items: { trigger: number | string; url: string }[];
    };
    expect(items.find((one) => one.trigger === 1)?.url).toMatch(
      /^http:\/\/relay\.test\/webhooks\/provet\/127\.0\.0\.1%3A9999\/80\/1\/[\w-]{32}$/,
    );
    expect(items.at(-1)?.trigger).toBe('any');
    const observedAt = new Date().toISOString();
    await registry.send('subscription-list.v1', 'exact:qa', 'qa', {
      environment: 'qa',
      practiceIds: ['A'],
      observedAt,
    });
    await registry.becomes('exact:qa:A', 'pending');
    expect(await (await registry.ask(`${at('exact:qa:A')}/webhook-urls`)).json()).toMatchObject({
      code: 'no-webhooks',
    });
    const document = (await (await fetch(`${registry.base}/openapi.json`)).json()) as {
      paths: Record<string, unknown>;
    };
    expect(Object.keys(document.paths)).toContain('/tenants/{tenantId}/suspend');
  });

  it('never writes a secret to its log', () => {
    const text = registry.lines.join('\n');
    for (const secret of [CLIENT_SECRET, ...Object.values(registry.operators).map((one) => one.token)])
      expect(text).not.toContain(secret);
  });
});
