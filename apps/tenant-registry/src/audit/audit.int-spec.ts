import type { AuditValue } from '@relay/contracts';
import { fileScope, until } from '@relay/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { AuditLog } from '../persistence/audit-log.js';
import { RunningRegistry, at } from '../test-support/running-registry.js';

const file = fileScope();
let registry: RunningRegistry;
beforeAll(async () => {
  registry = await RunningRegistry.start(file);
});

const HOUR_MS = 3_600_000;
/** Before everything that the registry itself does here. */
const LONG_AGO = Date.now() - 48 * HOUR_MS;

function entry(tenantId: string, action: string, over: Partial<AuditValue> = {}): AuditValue {
  return {
    at: new Date(LONG_AGO).toISOString(),
    actor: 'service:token-broker',
    action,
    tenantId,
    reason: null,
    detail: null,
    ...over,
  };
}

const send = (value: AuditValue) => {
  const key = value.tenantId ?? value.actor;
  return registry.send('audit.v1', key, key, value);
};

interface Page {
  readonly items: AuditValue[];
  readonly nextCursor: string | null;
}

async function page(query: Record<string, string>, of = registry): Promise<Page> {
  const path = `/audit?${new URLSearchParams(query).toString()}`;
  const response = await of.ask(path, {}, of.operators.viewer.token);
  expect([path, response.status]).toEqual([path, 200]);
  return (await response.json()) as Page;
}

async function actions(query: Record<string, string>): Promise<string[]> {
  return (await page({ limit: '500', ...query })).items.map((one) => one.action);
}

describe('GET /audit', () => {
  it('tells what every service has written, newest first, once each', async () => {
    const tenantId = 'provet:h:1';
    const first = entry(tenantId, 'one', { entryId: 'e-1', detail: { text: 'a\0b', n: 1 } });
    await send(first);
    await send(entry(tenantId, 'two'));
    // Sent once more by a publisher that had died before it could note that it had.
    await send(first);
    await send(entry(tenantId, 'three', { at: new Date(LONG_AGO - 1).toISOString() }));
    await registry.consumed('audit.v1');
    expect(await actions({ tenantId })).toEqual(['two', 'one', 'three']);
    const { items } = await page({ tenantId, action: 'one' });
    expect(items).toEqual([{ ...first, detail: { text: 'ab', n: 1 } }]);
  });

  it('keeps a message that comes again as it is', async () => {
    const audit = registry.app.get(AuditLog);
    const placed = { partition: 99, offset: '7', value: entry('provet:h:2', 'once') };
    await audit.keep([placed]);
    await audit.keep([placed, { ...placed, offset: '8', value: entry('provet:h:2', 'next') }]);
    expect(await actions({ tenantId: 'provet:h:2' })).toEqual(['next', 'once']);
  });

  it('is narrowed by tenant, actor, action and time', async () => {
    const actor = 'person:Ada Mänager';
    const noon = LONG_AGO + HOUR_MS;
    const of = (tenantId: string, action: string, offMs: number) =>
      send(entry(tenantId, action, { actor, at: new Date(noon + offMs).toISOString() }));
    await of('provet:h:3', 'before', -1);
    await of('provet:h:3', 'at', 0);
    await of('provet:h:4', 'at', 1);
    await of('provet:h:3', 'after', 2);
    await registry.consumed('audit.v1');
    const from = new Date(noon).toISOString();
    const to = new Date(noon + 2).toISOString();
    expect(await actions({ actor })).toEqual(['after', 'at', 'at', 'before']);
    expect(await actions({ actor, tenantId: 'provet:h:3' })).toEqual(['after', 'at', 'before']);
    expect(await actions({ actor, action: 'at' })).toEqual(['at', 'at']);
    expect(await actions({ actor, from })).toEqual(['after', 'at', 'at']);
    expect(await actions({ actor, from, to })).toEqual(['at', 'at']);
    expect(await actions({ actor, to: from.replace('Z', '+00:00') })).toEqual(['before']);
    expect(await actions({ actor, from: '2999-01-01' })).toEqual([]);
  });

  it('goes on where a page has ended, whatever comes in meanwhile', async () => {
    const tenantId = 'provet:h:5';
    // All in one millisecond: only their places tell them apart.
    for (const n of [1, 2, 3, 4, 5]) await send(entry(tenantId, `n${n}`));
    await registry.consumed('audit.v1');
    const walked: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const next: Page = await page({ tenantId, limit: '2', ...(cursor === '' ? {} : { cursor }) });
      walked.push(...next.items.map((one) => one.action));
      cursor = next.nextCursor;
      await send(entry(tenantId, 'newer', { at: new Date().toISOString() }));
      await registry.consumed('audit.v1');
    }
    expect(walked).toEqual(['n5', 'n4', 'n3', 'n2', 'n1']);
  });

  it('names what is wrong with a question, and is for operators only', async () => {
    const wrong = async (query: string) => {
      const response = await registry.ask(`/audit?${query}`);
      const body = (await response.json()) as { errors?: { member: string }[] };
      return [response.status, ...(body.errors ?? []).map((one) => one.member)];
    };
    const all = await wrong('limit=0&from=yesterday&to=2026-02-30T25:00Z&who=me');
    expect(all).toEqual([400, 'who', 'from', 'to', 'limit']);
    expect(await wrong('from=2026-01-01T12:00')).toEqual([400, 'from']);
    expect(await wrong('from=2026-01-02&to=2026-01-02')).toEqual([400, 'to']);
    expect(await wrong('actor=')).toEqual([400, 'actor']);
    for (const place of [
      ['x', '1', '1'],
      ['2026-01-01', '1', 'y'],
      ['2026-01-01', '1'],
    ]) {
      const cursor = Buffer.from(JSON.stringify(place)).toString('base64url');
      expect(await wrong(`cursor=${cursor}`)).toEqual([400, 'cursor']);
    }
    expect((await fetch(`${registry.base}/audit`)).status).toBe(401);
  });

  it('tells who was shown the webhook addresses, whose keys are secret', async () => {
    const tenantId = await registry.hookup(6);
    await registry.becomes(tenantId, 'pending');
    const shown = (await (await registry.ask(`${at(tenantId)}/webhook-urls`)).json()) as { items: { url: string }[] };
    const [told] = await until('it is told', async () => {
      const { items } = await page({ tenantId, action: 'webhook-urls-shown' });
      return items.length > 0 ? items : null;
    });
    expect(told).toMatchObject({ actor: 'operator:admin', tenantId });
    const key = shown.items[0]?.url.split('/').at(-1) ?? '';
    expect(key).toHaveLength(32);
    expect(JSON.stringify(await page({ limit: '500' }))).not.toContain(key);
  });
});

describe('the audit trail', () => {
  it('forgets the oldest first, a few at a time', async () => {
    const audit = registry.app.get(AuditLog);
    const ages = [5, 4, 3, 2].map((days) => new Date(LONG_AGO - days * 24 * HOUR_MS).toISOString());
    for (const [index, age] of ages.entries()) {
      await audit.keep([
        { partition: 98, offset: String(index), value: entry('provet:h:7', `n${index}`, { at: age }) },
      ]);
    }
    const before = ages[3] as string;
    expect(await audit.forget(before, 2)).toBe(2);
    expect(await actions({ tenantId: 'provet:h:7' })).toEqual(['n3', 'n2']);
    expect(await audit.forget(before, 2)).toBe(1);
    expect(await audit.forget(before, 2)).toBe(0);
    expect(await actions({ tenantId: 'provet:h:7' })).toEqual(['n3']);
  });

  it('is kept for AUDIT_KEEP_DAYS', async (scope) => {
    const short = await RunningRegistry.start(scope, { AUDIT_KEEP_DAYS: '0.00002' });
    const tomorrow = new Date(Date.now() + 24 * HOUR_MS).toISOString();
    await short.app.get(AuditLog).keep([
      { partition: 97, offset: '1', value: entry('provet:h:8', 'old') },
      { partition: 97, offset: '2', value: entry('provet:h:8', 'new', { at: tomorrow }) },
    ]);
    const left = await until('the old one is forgotten', async () => {
      const { items } = await page({ tenantId: 'provet:h:8' }, short);
      return items.length < 2 ? items : null;
    });
    expect(left.map((one) => one.action)).toEqual(['new']);
  });
});
