import { recordTopic } from '@relay/contracts';
import { fileScope, until } from '@relay/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { EventLog } from './support/event-log.js';
import { RelayStack } from './support/relay-stack.js';
import { StatusLog } from './support/status-log.js';

const scope = fileScope();
const CLIENT = recordTopic('provet', 'client');
const PATIENT = recordTopic('provet', 'patient');

describe('a practice that grants its permissions later', () => {
  let relay: RelayStack;
  let log: EventLog;
  let status: StatusLog;
  let tenantId: string;

  beforeAll(async () => {
    relay = await RelayStack.start(scope, {
      env: {
        PROVET_RESOURCES: 'client,patient',
        PROVET_RECONCILE_SECONDS: '5',
        PROVET_RECONCILE_SECONDS_WITHOUT_WEBHOOKS: '2',
        BACKOFF_MAX_MS: '3000',
      },
    });
    log = await EventLog.follow(scope, relay.kafka, [
      ['provet', 'client'],
      ['provet', 'patient'],
    ]);
    status = await StatusLog.follow(scope, relay.kafka);
    const clinic = relay.simulator.provet.addTenant({ id: 1, records: 8 });
    clinic.forbid('hooks');
    clinic.forbid('patient');
    clinic.forbid('Profile: User profile page');
    await relay.hookup(relay.simulator.provet.hookup(1));
    tenantId = relay.tenantId(1);
    await until('clients are live', () => status.phase(tenantId, 'client') === 'live', { timeoutMs: 60_000 });
  });

  it('is told which permission to ask for, and what works meanwhile', async () => {
    const client = await until('the status of clients', () => {
      const found = status.of(tenantId, 'client');
      return found?.webhooks?.state === 'forbidden' && found.access?.standing === 'ok' ? found : undefined;
    });
    expect(client.reason).toBe('webhooks-forbidden');
    expect(client.webhooks?.permission).toBe('Settings: Integration settings');
    await until('patients are forbidden', () => status.of(tenantId, 'patient')?.access?.standing === 'forbidden');
    expect(status.of(tenantId, 'patient')?.access?.permission).toBe('General: Patients and clients');
    const detail = await until('the next steps', async () => {
      const answer = await relay.registry(`/tenants/${encodeURIComponent(tenantId)}`);
      const { detail: found } = (await answer.json()) as { detail: { nextSteps: string[] } };
      return found.nextSteps.length === 2 ? found : undefined;
    });
    expect(detail.nextSteps.join(' ')).toMatch(/Settings: Integration settings.*webhook-urls/s);
  });

  it('is relayed by the checks alone', async () => {
    relay.simulator.provet.put(1, 'client', 2, { firstname: 'Found-by-a-check' });
    await until('the event', () => log.record(CLIENT, `${tenantId}/2`)?.['firstname'] === 'Found-by-a-check', {
      timeoutMs: 40_000,
    });
    expect(status.counter(tenantId, 'client', 'missed')).toBe(0);
  });

  it('gets its webhooks and its records once they are permitted, without a restart', async () => {
    const clinic = relay.simulator.provet.tenant(1);
    const foreign = { name: 'Somebody', trigger: 1, target: 'http://127.0.0.1:9/x', contentType: 1 as const };
    clinic.hooks.set(70, { ...foreign, id: 70, active: true, department: null, created: 0, modified: 0 });
    for (const what of ['hooks', 'patient']) clinic.forbid(what, false);
    await until('webhooks are in place', () => status.of(tenantId, 'client')?.webhooks?.state === 'in-place', {
      timeoutMs: 40_000,
    });
    expect([...clinic.hooks.values()].map(({ trigger }) => trigger).sort((a, b) => a - b)).toEqual([1, 1, 2, 39]);
    expect(clinic.hooks.get(70)).toMatchObject(foreign);
    await until('patients are live', () => status.phase(tenantId, 'patient') === 'live', { timeoutMs: 40_000 });
    expect(log.record(PATIENT, `${tenantId}/1`)).toMatchObject({ id: 1 });
    relay.simulator.provet.put(1, 'client', 3, { firstname: 'By-webhook' });
    const event = await until('the event', () =>
      log.of(`${tenantId}/3`, CLIENT).find(({ value }) => value?.record?.['firstname'] === 'By-webhook'),
    );
    expect(event.value?.lineage.cause).toBe('notice');
  });
});
