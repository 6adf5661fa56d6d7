import { credentialIdOf, type HookupValue } from '@relay/contracts';
import { Database } from '@relay/database';
import { SealingKeys, generateSealingKeyPair } from '@relay/sealing';
import { fileScope, until } from '@relay/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { RegistryChanges } from '../changes/registry-changes.js';
import type { HoldRecord } from '../persistence/hold-rows.js';
import { HOST, RunningRegistry, at, hookupOf } from '../test-support/running-registry.js';
import { missingHeldKeys } from './held-keys.js';
import { KEPT_MS, MOST_HELD, expireHeld, keepRegistration } from './keep-registration.js';

const file = fileScope();
const ELSEWHERE = 'ca.provetcloud.test';
let registry: RunningRegistry;
beforeAll(async () => {
  registry = await RunningRegistry.start(file);
});

function held(provetId: number, over: { host?: string; clientId?: string; at?: number } = {}): HookupValue {
  const { host = ELSEWHERE, clientId = 'c-1', at: receivedAt = Date.now() } = over;
  const tenantId = `provet:${host}:${provetId}`;
  const text = JSON.stringify(hookupOf(provetId, clientId)).replaceAll(HOST, host);
  const registration = { ...(JSON.parse(text) as object), client_secret: 'sealed' } as HookupValue['registration'];
  const credentialId = credentialIdOf(tenantId, clientId);
  return {
    tenantId,
    credentialId,
    host,
    source: 'hookup',
    registration,
    receivedAt: new Date(receivedAt).toISOString(),
  };
}
const send = (value: HookupValue) => registry.send('held-hookup.v1', value.tenantId, value.credentialId, value);

async function holds(kind = 'host-not-allowed'): Promise<HoldRecord[]> {
  const found: HoldRecord[] = [];
  for (let cursor = ''; ;) {
    const page = (await (await registry.ask(`/holds?limit=500${cursor}`)).json()) as {
      items: HoldRecord[];
      nextCursor: string | null;
    };
    found.push(...page.items.filter((one) => one.kind === kind));
    if (page.nextCursor === null) return found;
    cursor = `&cursor=${page.nextCursor}`;
  }
}
const holdOn = async ({ credentialId }: HookupValue) =>
  (await holds()).find(({ detail }) => 'credentialId' in detail && detail.credentialId === credentialId);
const decide = (hold: HoldRecord, decision: 'approve' | 'reject') =>
  registry.post(`/holds/${hold.holdId}/${decision}`, { reason: 'looked at' });
const audited = (action: string, tenantId: string) =>
  registry.seen('audit.v1').filter(({ value }) => {
    const entry = value as { action: string; tenantId: string };
    return entry.action === action && entry.tenantId === tenantId;
  });
const sentOn = (value: HookupValue) =>
  registry.seen('hookup.v1').filter(({ key, value: sent }) => key === value.credentialId && sent !== null);

describe('a registration whose host is not allowed', () => {
  it('waits as one hold for each client, shows no secret, and makes no tenant', async () => {
    const first = held(1);
    await send(first);
    await send(held(1, { clientId: 'c-2' }));
    await send({ ...first, receivedAt: new Date(Date.parse(first.receivedAt) + 1).toISOString() });
    await registry.consumed('held-hookup.v1');
    const found = (await holds()).filter(({ tenantId }) => tenantId === first.tenantId);
    expect(found).toHaveLength(2);
    expect(found[0]).toMatchObject({ environment: null, detail: { host: ELSEWHERE, provetId: 1, clientId: 'c-1' } });
    expect(JSON.stringify(found)).not.toContain('sealed');
    expect((await registry.ask(at(first.tenantId))).status).toBe(404);
    expect(sentOn(first)).toEqual([]);
    await until('both are audited', () => audited('hold-raised', first.tenantId).length === 2);
  });

  it('is not approved while its host is not allowed: the answer names the setting, and the hold stays', async () => {
    const value = held(2);
    await send(value);
    await registry.consumed('held-hookup.v1');
    const hold = (await holdOn(value)) as HoldRecord;
    const answer = await decide(hold, 'approve');
    expect(answer.status).toBe(409);
    expect(await answer.json()).toMatchObject({
      code: 'host-not-allowed',
      detail: expect.stringContaining('PROVET_ALLOWED_HOSTS') as string,
    });
    expect(await holdOn(value)).toBeDefined();
    expect(sentOn(value)).toEqual([]);
  });

  it('goes the way of all others once its host is allowed and somebody approves, as it was received', async () => {
    // The registry allows this host by now; the gateway that held it did not yet.
    const value = held(3, { host: HOST, at: Date.now() - 5 * 24 * 3_600_000 });
    await send(value);
    await registry.consumed('held-hookup.v1');
    const hold = (await holdOn(value)) as HoldRecord;
    expect(
      (await registry.post(`/holds/${hold.holdId}/approve`, { reason: 'x' }, registry.operators.operator.token)).status,
    ).toBe(403);
    expect((await decide(hold, 'approve')).status).toBe(202);
    expect(await registry.stateOf(value.tenantId)).toBe('pending');
    await until('it is on hookup.v1', () => sentOn(value).length > 0);
    expect(sentOn(value)[0]?.value).toEqual(value);
    expect((await decide(hold, 'approve')).status).toBe(409);
    expect(await holdOn(value)).toBeUndefined();
    await until('who approved is audited', () => audited('approve-hold', value.tenantId).length > 0);
    // The message that raised the hold, delivered again, raises none.
    await send(value);
    await registry.consumed('held-hookup.v1');
    expect(await holdOn(value)).toBeUndefined();
  });

  it('is dropped when it is rejected, and destroyed with its sealed secret', async () => {
    const value = held(4);
    await send(value);
    await registry.consumed('held-hookup.v1');
    const hold = (await holdOn(value)) as HoldRecord;
    expect((await decide(hold, 'reject')).status).toBe(202);
    const [row] = await registry.app
      .get(Database)
      .query('select registration from hold where hold_id = $1', [hold.holdId]);
    expect(row).toEqual({ registration: null });
    await send(value);
    await registry.consumed('held-hookup.v1');
    expect(await holdOn(value)).toBeUndefined();
  });

  it('needs no decision any more when the same client has registered since', async () => {
    const value = held(5, { host: HOST, at: Date.now() - 1000 });
    await send(value);
    await registry.consumed('held-hookup.v1');
    expect(await holdOn(value)).toBeDefined();
    await registry.hookup(5);
    await until('the hold is closed', async () => (await holdOn(value)) === undefined);
  });

  it('is kept for thirty days', async () => {
    const changes = registry.app.get(RegistryChanges);
    const [late, soon] = [held(6, { at: Date.now() - KEPT_MS - 1 }), held(7, { at: Date.now() - KEPT_MS + 60_000 })];
    await changes.run((set) => keepRegistration(set, late));
    await changes.run((set) => keepRegistration(set, soon));
    await changes.run(expireHeld);
    expect(await holdOn(late)).toBeUndefined();
    expect(await holdOn(soon)).toBeDefined();
    await until('that it expired is audited', () => audited('hold-closed', late.tenantId).length > 0);
  });

  it('says which of the broker’s keys it is sealed to, for as long as it is open', async () => {
    const changes = registry.app.get(RegistryChanges);
    const database = registry.app.get(Database);
    const value = held(9);
    const seal = SealingKeys.parse(generateSealingKeyPair('held-by-this').publicJwks);
    const { tenantId, credentialId, host } = value;
    const sealed = await seal.seal('planted', { topic: 'hookup.v1', tenantId, credentialId, host });
    const registration = { ...value.registration, client_secret: sealed };
    await changes.run((set) => keepRegistration(set, { ...value, registration }));
    const hold = (await holdOn(value)) as HoldRecord;
    expect(await missingHeldKeys(database, ['another'])).toEqual([
      expect.stringMatching(new RegExp(`^CREDENTIAL_PUBLIC_JWKS lacks the key held-by-this.*${hold.holdId}`)),
    ]);
    expect(await missingHeldKeys(database, ['another', 'held-by-this'])).toEqual([]);
    expect((await decide(hold, 'reject')).status).toBe(202);
    expect(await missingHeldKeys(database, ['another'])).toEqual([]);
  });

  it('is one of a bounded number: the oldest makes room', async () => {
    const changes = registry.app.get(RegistryChanges);
    const oldest = (await holds())[0] as HoldRecord;
    const open = (await holds()).length;
    await registry.app.get(Database).query(
      `insert into hold (hold_id, kind, tenant_id, credential_id, detail, registration, expires_at, raised_at)
       select 'filler-' || n, kind, 'provet:filler:' || n, 'provet:filler:' || n || '/c', detail, registration, expires_at, now()
       from hold, generate_series(1, $2::int) n where hold_id = $1`,
      [oldest.holdId, MOST_HELD - open],
    );
    await changes.run((set) => keepRegistration(set, held(8)));
    const left = await holds();
    expect(left).toHaveLength(MOST_HELD);
    expect(left.some(({ holdId }) => holdId === oldest.holdId)).toBe(false);
    await until('that it was dropped is audited', () => audited('hold-closed', oldest.tenantId as string).length > 0);
  });
});
