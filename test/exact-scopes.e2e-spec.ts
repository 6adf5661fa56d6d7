import { recordTopic, type CredentialValue } from '@relay/contracts';
import { countryAtNight, fileScope, until } from '@relay/testing';
import { EXACT_SCOPES } from '@relay/vendor-twins';
import { beforeAll, describe, expect, it } from 'vitest';
import { readControlTopics } from './support/control-topics.js';
import { EventLog } from './support/event-log.js';
import { checkLog } from './support/log-checker.js';
import { RelayStack } from './support/relay-stack.js';
import { StatusLog } from './support/status-log.js';

const scope = fileScope();
const RESOURCES = ['practice', 'practitioner', 'appointment', 'patient'] as const;
const OTHERS = ['practice', 'practitioner', 'appointment'] as const;
const PATIENT = recordTopic('exact', 'patient');
const PRACTICES = ['UKA', 'UKB'] as const;
const RECORDS = 120;
const id = (practice: string) => `exact:qa:${practice}`;

describe('EXACT scopes that are granted later', () => {
  let relay: RelayStack;
  let log: EventLog;
  let status: StatusLog;

  const grantBut = (...missing: string[]) => {
    const client = [...relay.simulator.exact.tokens.clients.values()][0];
    if (client === undefined) throw new Error('no client');
    client.scopes = EXACT_SCOPES.filter((one) => !missing.includes(one));
  };
  const patientsOut = (practice: string) =>
    [...log.present(PATIENT)].filter(([key, { value }]) => value !== null && key.startsWith(`${id(practice)}/`)).length;
  const capabilities = async () =>
    ((await readControlTopics(scope, relay.kafka, ['credential.v1'])).at(-1)?.value as CredentialValue | undefined)
      ?.capabilities;

  /** What an operator is told to do about a practice. */
  const told = async (practice: string) =>
    ((await relay.tenant(id(practice)))?.detail as { nextSteps: string[] } | undefined)?.nextSteps;

  beforeAll(async () => {
    relay = await RelayStack.start(scope, {
      services: [],
      exact: true,
      simulator: { practices: 0 },
      env: { EXACT_SCOPE_PROBE_SECONDS: '2', EXACT_CALLS_PER_PRACTICE_HOUR: '100000' },
    });
    // Found in the discovery document alone.
    relay.simulator.exact.tokens.path = '/oauth/token';
    grantBut('patient.list');
    for (const practice of PRACTICES)
      relay.simulator.exact.addPractice({ id: practice, records: RECORDS, country: countryAtNight() });
    relay.simulator.exact.pages.bytes = 4_000;
    // What the first probe found, and the first token of a set, each die with the process that has just written it down.
    await relay.dieAt('token-broker', 'token-broker:after-scopes');
    await relay.dieAt('token-broker', 'token-broker:after-scope-token');
    await Promise.all(
      (['tenant-registry', 'token-broker', 'exact-sync'] as const).map((one) => relay.startService(one)),
    );
    log = await EventLog.follow(
      scope,
      relay.kafka,
      RESOURCES.map((resource) => ['exact', resource]),
    );
    status = await StatusLog.follow(scope, relay.kafka);
    for (const practice of PRACTICES) await relay.untilState(id(practice), 'active', 60_000);
  });

  it('leave their resource forbidden, the missing one named, while the others are read', async () => {
    for (const practice of PRACTICES) {
      await until(
        `all others of ${practice} are live`,
        () => status.allLive(id(practice), OTHERS) && status.phase(id(practice), 'patient') === 'forbidden',
        { timeoutMs: 60_000 },
      );
      expect(status.of(id(practice), 'patient')?.reason).toBe('scope-missing: patient.list');
      expect(patientsOut(practice)).toBe(0);
    }
    expect((await capabilities())?.missing).toEqual(['patient.list']);
    const detail = (await relay.tenant(id('UKA')))?.detail as { credentials: { capabilities: unknown }[] };
    expect(detail.credentials[0]?.capabilities).toMatchObject({ missing: ['patient.list'] });
    expect(relay.simulator.exact.requests.count(/GET \/v1\/Practices\/UK.\/Patients/)).toBe(0);
  });

  it('have everything read that was missing, without a restart, and a kill -9 in the middle loses nothing', async () => {
    const { exact } = relay.simulator;
    // Slow enough that the kill comes in the middle.
    const slow = exact.faults.add({ scope: 'UKA', path: '/Patients/', delayMs: 150 });
    grantBut();
    await until('the first patients of UKA are out', () => patientsOut('UKA') > 0, { timeoutMs: 60_000 });
    const seen = patientsOut('UKA');
    expect(seen).toBeLessThan(RECORDS);
    await relay.killAndRestart('exact-sync');
    exact.faults.remove(slow);
    for (const practice of PRACTICES) {
      await until(`all patients of ${practice}`, () => patientsOut(practice) === RECORDS, { timeoutMs: 60_000 });
      await until(`${practice} is live`, () => status.allLive(id(practice), RESOURCES), { timeoutMs: 60_000 });
    }
    console.log(`killed after ${seen} of ${RECORDS} patients, all were out in the end`);
    expect(status.of(id('UKB'), 'patient')?.reason).toBeNull();
    expect((await capabilities())?.missing).toEqual([]);
  });

  it('forbid their resource again when they are taken away, and nothing is deleted for it', async () => {
    grantBut('practitioner.list');
    const name = recordTopic('exact', 'practitioner');
    const alive = () => [...log.present(name)].filter(([, { value }]) => value !== null).length;
    const before = alive();
    await until('it is forbidden', () => status.phase(id('UKA'), 'practitioner') === 'forbidden', {
      timeoutMs: 60_000,
    });
    expect(status.of(id('UKA'), 'practitioner')?.reason).toBe('scope-missing: practitioner.list');
    await until('it is told', async () => (await told('UKA'))?.length === 1);
    expect(await told('UKA')).toEqual(['Ask the vendor to grant the client: practitioner.list.']);
    expect(alive()).toBe(before);
    expect(status.allLive(id('UKA'), ['practice', 'appointment', 'patient'])).toBe(true);
    grantBut();
    await until('it is live again', () => status.phase(id('UKA'), 'practitioner') === 'live', { timeoutMs: 60_000 });
  });

  it('are no subscription: that of one practice is lost alone, and told as that', async () => {
    relay.simulator.exact.faults.add({ path: '^/v1/Practices/UKB/', effect: { kind: 'status', status: 403 } });
    const lost = await relay.untilState(id('UKB'), 'suspended', 60_000);
    expect(lost.reason).toBe('subscription-lost');
    expect(status.allLive(id('UKA'), RESOURCES)).toBe(true);
    await until('nothing is told of the other', async () => (await told('UKA'))?.length === 0);
  });

  it('nor are they the client: where the vendor refuses that itself, no practice is blamed', async () => {
    const { tokens } = relay.simulator.exact;
    for (const client of tokens.clients.values()) client.secret = 'another-one';
    tokens.revokeAll();
    await until(
      'all is paused',
      () => RESOURCES.every((resource) => status.of(id('UKA'), resource)?.reason === 'credential-rejected'),
      { timeoutMs: 90_000 },
    );
    for (const resource of RESOURCES) expect(status.phase(id('UKA'), resource)).toBe('paused');
    const refused = 'The vendor refuses the client itself';
    await until('it is told', async () => (await told('UKA'))?.some((step) => step.startsWith(refused)));
    expect(await told('UKA')).toHaveLength(1);
    expect(await relay.tenant(id('UKA'))).toMatchObject({ state: 'active', reason: null });
    expect(await relay.tenant(id('UKB'))).toMatchObject({ state: 'suspended', reason: 'subscription-lost' });
  });

  it('leave a log that keeps every promise', () => {
    expect(checkLog(log.events)).toEqual([]);
  });
});
