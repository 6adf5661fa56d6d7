import { createHash } from 'node:crypto';
import { fileScope, until } from '@relay/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { RunningRegistry, at } from '../test-support/running-registry.js';

const CALLBACK = 'http://relay.test/oauth/callback';
const scope = fileScope();
let registry: RunningRegistry;

beforeAll(async () => {
  registry = await RunningRegistry.start(scope);
});

const code = (redirect_uris: string) => ({ authorization_grant_type: 'authorization-code', redirect_uris });
const link = (tenantId: string, over: object = {}, token?: string) =>
  registry.post(`${at(tenantId)}/consent-link`, { reason: 'the manager asked', ...over }, token);

/** A tenant that waits for its practice's consent. */
async function waiting(provetId: number): Promise<string> {
  const tenantId = await registry.hookup(provetId, 'c-1', new Date(), code(`https://else.example/cb ${CALLBACK}`));
  await registry.credential(tenantId, 'awaiting-consent');
  await registry.becomes(tenantId, 'awaiting-consent');
  return tenantId;
}

interface Link {
  readonly url: string;
  readonly expiresAt: string;
}

describe('a consent link', () => {
  it('carries an invite that is published by its digest alone, with its end and what it may do', async () => {
    const tenantId = await waiting(1);
    const response = await link(tenantId, { replaceWorkingGrant: true });
    expect(response.status).toBe(201);
    const { url, expiresAt } = (await response.json()) as Link;
    const days = (Date.parse(expiresAt) - Date.now()) / 86_400_000;
    expect(days).toBeGreaterThan(6.99);
    expect(days).toBeLessThanOrEqual(7);
    const [path, invite = ''] = url.split('?invite=');
    expect(path).toBe(`http://relay.test/oauth/provet/${encodeURIComponent(tenantId)}/authorize`);
    expect(invite).toMatch(/^[A-Za-z0-9_-]{43}$/);
    const sha256 = createHash('sha256').update(invite).digest('hex');
    const invites = await until('the invite beside its tenant', () => registry.published(tenantId)?.invites);
    expect(invites).toEqual([{ sha256, expiresAt, replaceWorkingGrant: true }]);
    const again = (await (await link(tenantId)).json()) as Link;
    expect(again.url).not.toBe(url);
    await until('both invites', () => registry.published(tenantId)?.invites?.length === 2);
    expect(registry.published(tenantId)?.invites?.map((one) => one.replaceWorkingGrant)).toEqual([true, false]);
    const everything = JSON.stringify([...registry.seen('tenant.v1'), ...registry.seen('audit.v1'), registry.lines]);
    expect(everything).not.toContain(invite);
    const audited = registry.seen('audit.v1').map(({ value }) => value as { action: string; reason: string | null });
    expect(audited).toContainEqual(expect.objectContaining({ action: 'consent-link', reason: 'the manager asked' }));
  });

  it('is for admins alone, and checks what it is told', async () => {
    const tenantId = await waiting(2);
    expect((await link(tenantId, {}, registry.operators.viewer.token)).status).toBe(403);
    expect((await link(tenantId, {}, registry.operators.operator.token)).status).toBe(403);
    expect((await link(tenantId)).status).toBe(201);
    expect((await link(tenantId, { reason: '' })).status).toBe(400);
    expect((await link(tenantId, { replaceWorkingGrant: 'yes' })).status).toBe(400);
  });

  it('is given to nobody who does not need consent', async () => {
    const machine = await registry.hookup(3);
    await registry.credential(machine, 'proven');
    await registry.becomes(machine, 'active');
    expect((await link(machine)).status).toBe(404);
    expect((await link('provet:nowhere.example:4')).status).toBe(404);
    const gone = await waiting(5);
    await link(gone);
    await registry.post(`${at(gone)}/withdraw`, { reason: 'over' });
    expect((await link(gone)).status).toBe(409);
    expect((await registry.get(gone)).invites).toBeUndefined();
  });
});

describe('a registration whose redirect addresses are not ours', () => {
  it('is pending with that reason until it comes with ours', async () => {
    const tenantId = await registry.hookup(
      6,
      'c-1',
      new Date(),
      code(`${CALLBACK}/ https://relay.test/oauth/callback`),
    );
    await registry.credential(tenantId, 'awaiting-consent');
    await registry.becomes(tenantId, 'pending: redirect-uri-mismatch');
    const refused = await link(tenantId);
    expect(refused.status).toBe(409);
    expect(await refused.json()).toMatchObject({ code: 'redirect-uri-mismatch' });
    await registry.hookup(6, 'c-1', new Date(), code(CALLBACK));
    await registry.becomes(tenantId, 'awaiting-consent');
    expect((await link(tenantId)).status).toBe(201);
  });
});

describe('who consented', () => {
  it('is shown, as the grant dies with that account; unknown where the vendor does not say', async () => {
    const [named, unnamed] = [await waiting(7), await waiting(8)];
    await registry.credential(named, 'proven', { consentedBy: 'Ada Manager' });
    await registry.credential(unnamed, 'proven');
    await registry.becomes(named, 'active');
    await registry.becomes(unnamed, 'active');
    const by = async (tenantId: string) => {
      const { detail } = await registry.get<{ detail: { credentials: { consentedBy: string | null }[] } }>(tenantId);
      return detail.credentials.map((one) => one.consentedBy);
    };
    expect(await by(named)).toEqual(['Ada Manager']);
    expect(await by(unnamed)).toEqual(['unknown']);
  });
});
