import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import {
  controlTopicSpec,
  credentialIdOf,
  topicsOf,
  type AuditValue,
  type ControlTopic,
  type ControlValue,
  type HookupValue,
  type TenantValue,
} from '@relay/contracts';
import { RelayKafka, controlMessage } from '@relay/kafka';
import { OpeningKeys } from '@relay/sealing';
import { Health, Log, Metrics, buildApp, readConfig } from '@relay/service-kit';
import { fileScope, keyring, operatorToken, relayEnvironment, testDatabase, testKafka, until } from '@relay/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { settings } from './config.js';
import { tenantRegistry } from './service.js';

const HOST = '127.0.0.1:9999';
const file = fileScope();
const keys = keyring();
const operators = {
  viewer: operatorToken('viewer'),
  operator: operatorToken('operator'),
  admin: operatorToken('admin'),
};
const lines: string[] = [];

let app: NestFastifyApplication;
let kafka: RelayKafka;
let base: string;
const log = new Map<string, { key: string; value: unknown }[]>();

beforeAll(async () => {
  const topics = await testKafka(file);
  const { url } = await testDatabase(file, 'tenant-registry');
  const env = {
    ...relayEnvironment({
      kafka: topics,
      databaseUrl: url,
      keyring: keys,
      publicUrl: 'http://relay.test',
      provetHost: HOST,
    }),
    OPERATOR_TOKENS: Object.values(operators)
      .map((one) => one.entry)
      .join(','),
    PORT: '0',
  };
  const config = readConfig(settings, { env });
  const write = (line: string): void => void lines.push(line);
  const kit = {
    config,
    log: Log.create({ service: 'tenant-registry', level: 'debug', format: 'json', write }),
    health: new Health(),
    metrics: new Metrics(),
  };
  app = await buildApp(tenantRegistry, config, kit);
  await app.startAllMicroservices();
  await app.listen(0, '127.0.0.1');
  base = await app.getUrl();
  const specs = [...topicsOf('tenant-registry'), controlTopicSpec('audit.v1')];
  kafka = new RelayKafka({ service: 'tenant-registry', settings: topics.settings, topics: specs });
  const reader = kafka.tableReader({
    topics: ['tenant.v1', 'hookup.v1', 'audit.v1'],
    onBatch: ({ topic, messages }) => {
      const seen = log.get(topic) ?? [];
      log.set(topic, [...seen, ...messages.map(({ key, value }) => ({ key, value }))]);
    },
  });
  await reader.loaded;
  await until('the registry is ready', async () => {
    const { status, checks } = await kit.health.ready();
    if (status === 'down') throw new Error(JSON.stringify(checks));
    return true;
  });
});

afterAll(async () => {
  await app?.close();
  await kafka?.close();
});

async function send<T extends ControlTopic>(
  topic: T,
  tenantId: string,
  key: string,
  value: ControlValue<T> | null,
): Promise<void> {
  await kafka.producer('control').send(controlMessage(kafka.partitions, topic, tenantId, key, value));
}

function ask(path: string, init: RequestInit = {}, token = operators.admin.token): Promise<Response> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  return fetch(`${base}${path}`, { ...init, headers });
}
const post = (path: string, body: unknown, token?: string): Promise<Response> =>
  ask(path, { method: 'POST', body: JSON.stringify(body) }, token);
const at = (tenantId: string): string => `/tenants/${encodeURIComponent(tenantId)}`;

async function stateOf(tenantId: string): Promise<string> {
  const response = await ask(at(tenantId));
  const { state, reason } = (await response.json()) as TenantValue;
  return reason === null ? state : `${state}: ${reason}`;
}
const becomes = (tenantId: string, state: string): Promise<unknown> =>
  until(`${tenantId} is ${state}`, async () => (await stateOf(tenantId)) === state);

function hookupOf(provetId: number, clientId = 'c-1'): Record<string, unknown> {
  const oauth = `http://${HOST}/${provetId}/oauth2`;
  return {
    provet_id: provetId,
    client_id: clientId,
    client_secret: 'very-secret-words',
    algorithm: null,
    authorization_grant_type: 'client-credentials',
    client_type: 'confidential',
    redirect_uris: '',
    token_url: `${oauth}/token/`,
    authorize_url: `${oauth}/authorize/`,
    openid_autodiscovery_url: null,
  };
}

async function hookup(provetId: number, clientId = 'c-1', receivedAt = new Date()): Promise<string> {
  const tenantId = `provet:${HOST}:${provetId}`;
  const credentialId = credentialIdOf(tenantId, clientId);
  const registration = { ...hookupOf(provetId, clientId), client_secret: 'sealed' } as HookupValue['registration'];
  const value = {
    tenantId,
    credentialId,
    host: HOST,
    source: 'hookup' as const,
    registration,
    receivedAt: receivedAt.toISOString(),
  };
  await send('hookup.v1', tenantId, credentialId, value);
  return tenantId;
}

let version = 1;
async function credential(
  tenantId: string,
  health: 'proven' | 'rejected' | 'awaiting-consent',
  { clientId = 'c-1', inForce = health === 'proven' } = {},
): Promise<void> {
  const credentialId = credentialIdOf(tenantId, clientId);
  const checkedAt = new Date().toISOString();
  const value = { credentialId, tenantId, health, inForce, version: ++version, checkedAt, expiresAt: null, code: null };
  await send('credential.v1', tenantId, credentialId, value);
}

/** Waits until the registry has handled everything that lies in the topic now. */
async function consumed(topic: ControlTopic): Promise<void> {
  const ends = [...(await kafka.endOffsets(topic))].filter(([, end]) => end > 0n);
  await until(`${topic} is consumed`, async () => {
    const done = await kafka.committedOffsets('tenant-registry', topic);
    return ends.every(([partition, end]) => (done.get(partition) ?? 0n) >= end);
  });
}

const published = (tenantId: string): TenantValue | undefined =>
  log.get('tenant.v1')?.findLast(({ key }) => key === tenantId)?.value as TenantValue | undefined;

describe('a Provet tenant', () => {
  it('joins, is proven, and is published with growing versions', async () => {
    const tenantId = await hookup(1);
    await becomes(tenantId, 'pending');
    await credential(tenantId, 'proven');
    await becomes(tenantId, 'active');
    const value = await until('active on tenant.v1', () =>
      published(tenantId)?.state === 'active' ? published(tenantId) : null,
    );
    expect(value).toMatchObject({ host: HOST, scheme: 'http', provetId: 1, grant: 'client_credentials' });
    expect(value.credentialId).toBe(`${tenantId}/c-1`);
    const versions = (log.get('tenant.v1') ?? [])
      .filter(({ key }) => key === tenantId)
      .map((m) => (m.value as TenantValue).version);
    expect(versions).toEqual([...versions].sort((a, b) => a - b));
  });

  it('becomes active also when its credential is proven before its registration is read', async () => {
    await credential(`provet:${HOST}:2`, 'proven');
    await consumed('credential.v1');
    const tenantId = await hookup(2);
    await consumed('hookup.v1');
    expect(await stateOf(tenantId)).toBe('active');
  });

  it('keeps working while a second credential is rejected, and takes the new one over once it is proven', async () => {
    const tenantId = await hookup(3);
    await credential(tenantId, 'proven');
    await becomes(tenantId, 'active');
    await hookup(3, 'c-2');
    await credential(tenantId, 'rejected', { clientId: 'c-2' });
    await credential(tenantId, 'proven', { clientId: 'c-2' });
    await credential(tenantId, 'proven', { clientId: 'c-1', inForce: false });
    await until('the new credential is used', async () => {
      return ((await (await ask(at(tenantId))).json()) as TenantValue).credentialId === `${tenantId}/c-2`;
    });
    const states = (log.get('tenant.v1') ?? [])
      .filter(({ key }) => key === tenantId)
      .map((m) => (m.value as TenantValue).state);
    expect(new Set(states)).toEqual(new Set(['pending', 'active']));
  });

  it('returns when it registers again after it was withdrawn, and not by an old message', async () => {
    const first = new Date();
    const tenantId = await hookup(4, 'c-1', first);
    await credential(tenantId, 'proven');
    await becomes(tenantId, 'active');
    expect((await post(`${at(tenantId)}/withdraw`, { reason: 'moved away' })).status).toBe(202);
    await hookup(4, 'c-1', first);
    await credential(tenantId, 'proven');
    await consumed('hookup.v1');
    await consumed('credential.v1');
    expect(await stateOf(tenantId)).toBe('withdrawn');
    await hookup(4, 'c-1', new Date(first.getTime() + 1));
    await until('it is here again', async () => (await stateOf(tenantId)) !== 'withdrawn');
  });

  it('is suspended when every resource answers 404', async () => {
    const tenantId = await hookup(6);
    await credential(tenantId, 'proven');
    await becomes(tenantId, 'active');
    const counters = { notices: 0, duplicates: 0, late: 0, missed: 0, healed: 0, deleted: 0 };
    for (const resource of ['client', 'patient']) {
      await send('sync-status.v1', tenantId, `${tenantId}/${resource}`, {
        tenantId,
        vendor: 'provet',
        resource,
        phase: 'paused',
        reason: 'tenant-not-found',
        backfill: null,
        completeAsOf: null,
        lastCheckedAt: null,
        counters,
        parked: 0,
        unpublished: 0,
        breaker: 'closed',
        updatedAt: new Date().toISOString(),
      });
    }
    await becomes(tenantId, 'suspended: not-found');
    const { detail } = await until('both statuses', async () => {
      const found = (await (await ask(at(tenantId))).json()) as { detail: { sync: unknown[]; reasonText: string } };
      return found.detail.sync.length === 2 ? found : null;
    });
    expect(detail.reasonText).toContain('404');
  });
});

describe('an EXACT environment', () => {
  let second = 0;
  const listing = (...practiceIds: string[]): Promise<void> =>
    send('subscription-list.v1', 'exact:qa', 'qa', {
      environment: 'qa',
      practiceIds,
      observedAt: new Date(Date.UTC(2026, 0, 1, 0, 0, ++second)).toISOString(),
    });
  const details = (practiceId: string): Promise<void> =>
    send('practice-details.v1', `exact:qa:${practiceId}`, `exact:qa:${practiceId}`, {
      tenantId: `exact:qa:${practiceId}`,
      environment: 'qa',
      practiceId,
      name: `Practice ${practiceId}`,
      country: 'GB',
      version: '13.9',
      observedAt: new Date().toISOString(),
    });
  const join = async (...ids: string[]): Promise<void> => {
    for (const id of ids) await becomes(`exact:qa:${id}`, 'pending');
    for (const id of ids) await details(id);
    for (const id of ids) await becomes(`exact:qa:${id}`, 'active');
  };

  it('takes practices in, lets the missing ones go in two steps, and takes them back', async () => {
    await credential('exact:qa', 'proven', { clientId: 'client' });
    await listing('A', 'B', 'C:1/x');
    await join('A', 'B', 'C:1/x');
    expect(published('exact:qa:A')).toMatchObject({ practiceId: 'A', displayName: 'Practice A' });
    await until(
      'the client is known',
      async () => ((await (await ask(at('exact:qa:A'))).json()) as TenantValue).credentialId === 'exact:qa/client',
    );
    await listing('A', 'C:1/x');
    await becomes('exact:qa:B', 'suspended: consent-unconfirmed');
    await listing('A', 'C:1/x');
    await becomes('exact:qa:B', 'withdrawn');
    await listing('A', 'B', 'C:1/x');
    await join('B');
  });

  it('holds a mass loss for a person, closes the hold by a normal listing, and applies what is approved', async () => {
    interface Holds {
      items: { holdId: string; kind: string; environment: string; detail: { lost: string[] } }[];
      nextCursor: null;
    }
    const holds = async (): Promise<Holds> => (await (await ask('/holds')).json()) as Holds;
    const raised = (): Promise<Holds['items'][number]> => until('a hold', async () => (await holds()).items[0]);
    await listing();
    const first = await raised();
    expect(first).toMatchObject({ kind: 'mass-loss', environment: 'qa' });
    expect(first.detail.lost).toHaveLength(3);
    await listing();
    await listing('A', 'B', 'C:1/x');
    await until('no hold', async () => (await holds()).items.length === 0);
    expect(await stateOf('exact:qa:A')).toBe('active');
    await listing();
    const { holdId } = await raised();
    expect((await post(`/holds/${holdId}/approve`, { reason: 'they left' }, operators.operator.token)).status).toBe(
      403,
    );
    expect((await post(`/holds/${holdId}/approve`, { reason: 'they left' })).status).toBe(202);
    expect((await post(`/holds/${holdId}/reject`, { reason: 'no' })).status).toBe(409);
    expect((await post('/holds/none/reject', { reason: 'no' })).status).toBe(404);
    for (const id of ['A', 'B', 'C:1/x'])
      expect(await stateOf(`exact:qa:${id}`)).toBe('suspended: consent-unconfirmed');
    await listing();
    await becomes('exact:qa:A', 'withdrawn');
  });
});

describe('the admin API', () => {
  it('asks for a token and a role', async () => {
    const none = await fetch(`${base}/tenants`);
    expect(none.status).toBe(401);
    expect(none.headers.get('www-authenticate')).toContain('Bearer');
    expect(none.headers.get('content-type')).toContain('application/problem+json');
    expect((await ask('/tenants', {}, 'wrong')).status).toBe(401);
    expect((await ask('/tenants', {}, operators.viewer.token)).status).toBe(200);
    const path = `${at('provet:none:1')}/suspend`;
    expect((await post(path, { reason: 'x' }, operators.viewer.token)).status).toBe(403);
    expect((await post(path, { reason: 'x' }, operators.operator.token)).status).toBe(404);
    expect((await ask('/tenants', { method: 'DELETE' })).status).toBe(405);
  });

  it('registers what comes by e-mail, with the secret sealed for the token-broker alone', async () => {
    const response = await post('/tenants', hookupOf(70, 'mail/1'));
    expect(response.status).toBe(201);
    const tenant = (await response.json()) as TenantValue;
    expect(tenant).toMatchObject({ tenantId: `provet:${HOST}:70`, state: 'pending' });
    expect((await post('/tenants', hookupOf(70, 'mail/1'))).status).toBe(200);
    const credentialId = `${tenant.tenantId}/mail/1`;
    const sent = await until('hookup.v1', () => log.get('hookup.v1')?.find(({ key }) => key === credentialId));
    const { client_secret: sealed } = (sent.value as HookupValue).registration;
    const context = { topic: 'hookup.v1', tenantId: tenant.tenantId, credentialId, host: HOST };
    const opening = OpeningKeys.parse(keys.CREDENTIAL_PRIVATE_JWKS);
    expect(await opening.open(sealed as string, context)).toBe('very-secret-words');
    const bad = await post('/tenants', { ...hookupOf(71), client_type: 'x', provet_id: 0 });
    expect(bad.status).toBe(400);
    expect(((await bad.json()) as { errors: { member: string }[] }).errors.map((e) => e.member)).toEqual([
      'provet_id',
      'client_type',
    ]);
    const foreign = JSON.parse(JSON.stringify(hookupOf(71)).replaceAll(HOST, 'evil.example')) as unknown;
    expect((await post('/tenants', foreign)).status).toBe(403);
  });

  it('suspends, resumes and says when it cannot, with every change in the audit trail', async () => {
    const tenantId = await hookup(80);
    await credential(tenantId, 'proven');
    await becomes(tenantId, 'active');
    expect((await post(`${at(tenantId)}/suspend`, {})).status).toBe(400);
    expect((await post(`${at(tenantId)}/resume`, { reason: 'x' })).status).toBe(409);
    expect((await post(`${at(tenantId)}/suspend`, { reason: 'invoice open' }, operators.operator.token)).status).toBe(
      202,
    );
    expect(await stateOf(tenantId)).toBe('suspended: operator');
    expect((await post(`${at(tenantId)}/suspend`, { reason: 'again' })).status).toBe(409);
    expect((await post(`${at(tenantId)}/resume`, { reason: 'paid' })).status).toBe(202);
    expect(await stateOf(tenantId)).toBe('active');
    const entry = await until('the audit entry', () =>
      log.get('audit.v1')?.find(({ key, value }) => key === tenantId && (value as AuditValue).action === 'suspend'),
    );
    expect(entry.value).toMatchObject({
      actor: 'operator:operator',
      reason: 'invoice open',
      detail: { from: 'active', state: 'suspended' },
    });
  });

  it('lists by pages, state and words, and edits names', async () => {
    const edit = { externalId: '100%_sure', displayName: 'Vet <b>&', labels: { region: 'north' }, reason: 'tidy' };
    const edited = await ask(at(`provet:${HOST}:80`), { method: 'PATCH', body: JSON.stringify(edit) });
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
    const page = async (query: string): Promise<Page> => (await (await ask(`/tenants?${query}`)).json()) as Page;
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
      expect([query, (await ask(`/tenants?${query}`)).status]).toEqual([query, 400]);
    }
    const wrong = await ask(at(`provet:${HOST}:80`), {
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
    const answers = await Promise.all(edits.map((edit) => ask(path, { method: 'PATCH', body: JSON.stringify(edit) })));
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
    const stored = (await (await ask(path)).json()) as TenantValue;
    expect(stored.version).toBe(Math.max(...versions));
    const last = await until('the newest on tenant.v1', () => {
      const value = published(stored.tenantId);
      return value?.version === stored.version ? value : null;
    });
    expect(last.externalId).toBe(stored.externalId);
  });

  it('gives webhook addresses to admins, and its description to everybody', async () => {
    const path = `${at(`provet:${HOST}:80`)}/webhook-urls`;
    expect((await ask(path, {}, operators.operator.token)).status).toBe(403);
    const { items } = (await (await ask(path)).json()) as { items: { trigger: number | string; url: string }[] };
    expect(items.find((one) => one.trigger === 1)?.url).toMatch(
      /^http:\/\/relay\.test\/webhooks\/provet\/127\.0\.0\.1%3A9999\/80\/1\/[\w-]{32}$/,
    );
    expect(items.at(-1)?.trigger).toBe('any');
    expect((await ask(`${at('exact:qa:A')}/webhook-urls`)).status).toBe(404);
    const document = (await (await fetch(`${base}/openapi.json`)).json()) as { paths: Record<string, unknown> };
    expect(Object.keys(document.paths)).toContain('/tenants/{tenantId}/suspend');
  });

  it('never writes a secret to its log', () => {
    const text = lines.join('\n');
    for (const secret of ['very-secret-words', ...Object.values(operators).map((one) => one.token)])
      expect(text).not.toContain(secret);
  });
});
