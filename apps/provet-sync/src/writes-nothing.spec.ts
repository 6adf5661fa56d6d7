import { webhookSigningKey } from '@relay/contracts';
import { systemClock } from '@relay/service-kit';
import type { CallContext } from '@relay/sync-engine';
import { ScriptedHttp, TokenShelf, provetTenant, twinScript } from '@relay/testing';
import { ProvetTwin } from '@relay/vendor-twins';
import { expect, it } from 'vitest';
import { resourceSpecs } from './catalogue/resource-specs.js';
import { ProvetCalls } from './calls/provet-calls.js';
import { TenantBudgets } from './calls/tenant-budgets.js';
import { ProvetConnector } from './provet.connector.js';

const NOW = Date.parse('2026-11-26T12:00:00Z');
const RESOURCES = ['client', 'patient', 'appointment', 'consultation', 'invoice'];

/** Everything that the engine can ask of a connector, at a whole vendor. */
it('reads records, and writes nothing but webhooks', async () => {
  const twin = new ProvetTwin({ seed: 'writes', origin: 'http://127.0.0.1:3100', clock: () => NOW, epoch: NOW });
  const clinic = twin.addTenant({ id: 9, records: 20 });
  clinic.tokens.set('t', { clientId: clinic.credential.clientId, expiresAt: NOW + 3_600_000 });
  const tenant = provetTenant({ host: twin.host, scheme: 'http', provetId: 9 });
  const tokens = new TokenShelf().put(tenant.credentialId as string, { value: 't', version: 1 });
  const specs = resourceSpecs(RESOURCES, { reconcileSeconds: 900, sweepSeconds: 86_400, notices: true });
  const connector = new ProvetConnector(
    new ProvetCalls(new ScriptedHttp(twinScript(twin)), tokens, new TenantBudgets(0), {
      ...systemClock,
      now: () => NOW,
    }),
    specs,
    {
      mode: 'provision',
      publicUrl: 'https://relay.example',
      keys: [webhookSigningKey(Buffer.alloc(32, 7).toString('base64url'))],
      targetMember: null,
      resources: RESOURCES,
      tryAgainMs: 900_000,
      book: { note: () => Promise.resolve() },
    },
    { resources: RESOURCES, queue: null, random: () => 0.5 },
  );
  const call: CallContext = { tenant, work: 'live', signal: new AbortController().signal, timeoutMs: 1_000 };
  await connector.prepare(call, { memo: null, why: 'anew' });
  for (const spec of specs) {
    await connector.fetchRecord(call, spec, '3');
    await connector.confirmList(call, spec);
    for (const pass of spec.passes) {
      await connector.readPage(
        call,
        spec,
        { spec: pass, since: NOW - 60_000, startedAt: NOW, filterHonoured: true },
        null,
      );
    }
  }
  await connector.depart(call);
  const asked = twin.requests.list();
  expect(asked.filter(({ method }) => method === 'GET').length).toBeGreaterThan(RESOURCES.length * 4);
  const written = asked.filter(({ method }) => method !== 'GET' && method !== 'OPTIONS');
  expect(written.length).toBeGreaterThan(RESOURCES.length);
  expect(written.filter(({ path }) => !path.startsWith('/9/api/0.1/hook/webhook/'))).toEqual([]);
});
