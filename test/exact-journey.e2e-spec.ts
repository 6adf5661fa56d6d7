import { recordTopic } from '@relay/contracts';
import { countryAtNight, fileScope, until } from '@relay/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { soon, soonAt, textOf } from './support/appointments.js';
import { EventLog } from './support/event-log.js';
import { checkLog } from './support/log-checker.js';
import { RelayStack } from './support/relay-stack.js';
import { StatusLog } from './support/status-log.js';

const scope = fileScope();
const APPOINTMENT = recordTopic('exact', 'appointment');
const PRACTICE = recordTopic('exact', 'practice');
const RESOURCES = ['practice', 'practitioner', 'appointment', 'patient'] as const;
const id = (practice: string) => `exact:qa:${practice}`;

describe('EXACT practices, from the subscription list on', () => {
  let relay: RelayStack;
  let log: EventLog;
  let status: StatusLog;

  beforeAll(async () => {
    relay = await RelayStack.start(scope, {
      services: ['tenant-registry', 'token-broker', 'exact-sync'],
      exact: true,
      simulator: { practices: 0 },
    });
    for (const practice of ['UKA', 'UKB', 'UKC', 'ukc'])
      relay.simulator.exact.addPractice({ id: practice, records: 25, country: countryAtNight() });
    relay.simulator.exact.pages.bytes = 4_000;
    log = await EventLog.follow(
      scope,
      relay.kafka,
      RESOURCES.map((resource) => ['exact', resource]),
    );
    status = await StatusLog.follow(scope, relay.kafka);
    for (const practice of ['UKA', 'UKB', 'UKC', 'ukc']) await relay.untilState(id(practice), 'active', 60_000);
    await until(
      'all four are live',
      () => ['UKA', 'UKB', 'UKC', 'ukc'].every((p) => status.allLive(id(p), RESOURCES)),
      {
        timeoutMs: 60_000,
      },
    );
  });

  it('reads every appointment over all pages, with ids in lower case and records as they came', () => {
    for (const practice of ['UKA', 'ukc']) {
      for (const record of relay.simulator.exact.records(practice, 'appointment')) {
        const key = `${id(practice)}/${textOf(record, 'id').toLowerCase()}`;
        expect(log.record(APPOINTMENT, key), key).toEqual(record);
      }
    }
  });

  it('tells what is known of a record, and reads it again, under any spelling of its id', async () => {
    const [first] = relay.simulator.exact.records('UKA', 'patient');
    const recordId = textOf(first ?? {}, 'id').toUpperCase();
    const path = `/tenants/${encodeURIComponent(id('UKA'))}/records/patient/${recordId}`;
    const known = (await (await relay.registry(path)).json()) as object;
    expect(known).toMatchObject({ state: 'present', recordId: recordId.toLowerCase(), lastNoticeAt: null });
    const verified = (await (await relay.registry(`${path}/verify`, { method: 'POST', body: '{}' })).json()) as object;
    expect(verified).toMatchObject({ outcome: 'same', waiting: null });
  });

  it('publishes the practice itself under its own spelling', () => {
    expect(log.record(PRACTICE, `${id('ukc')}/ukc`)).toMatchObject({ practiceId: 'ukc' });
    expect(log.record(PRACTICE, `${id('UKC')}/UKC`)).toMatchObject({ practiceId: 'UKC' });
  });

  it('sees a change at its next poll', async () => {
    const [first] = soonAt(relay.simulator.exact, 'UKA');
    relay.simulator.exact.put('UKA', 'appointment', first as string, { status: 'Confirmed' });
    const key = `${id('UKA')}/${String(first).toLowerCase()}`;
    const seen = await until('the change', () =>
      log.of(key, APPOINTMENT).find(({ value }) => value?.record?.['status'] === 'Confirmed'),
    );
    expect(seen.value?.lineage.cause).toBe('poll');
  });

  it('keeps records of one id apart in practices whose ids differ in the case of letters alone', async () => {
    const guid = '00000EEE-1300-0000-0000-008034EC7256';
    const [upper, lower] = ['UKC', 'ukc'] as const;
    for (const one of [upper, lower]) {
      relay.simulator.exact.put(one, 'appointment', guid, { startDate: soon(), status: 'Pending', comment: one });
    }
    const keyOf = (one: string) => `${id(one)}/${guid.toLowerCase()}`;
    const comment = (one: string) => log.record(APPOINTMENT, keyOf(one))?.['comment'];
    await until('both are out', () => comment(upper) === upper && comment(lower) === lower, { timeoutMs: 40_000 });
    const known = async (one: string, spelling: string) =>
      (await (
        await relay.registry(`/tenants/${encodeURIComponent(id(one))}/records/appointment/${spelling}`)
      ).json()) as { version: number };
    const before = await known(lower, guid);
    relay.simulator.exact.put(upper, 'appointment', guid, { comment: 'changed' });
    await until('the change', () => comment(upper) === 'changed');
    expect(comment(lower)).toBe(lower);
    // One record in whatever spelling it is asked for, and another one of the other practice.
    expect(await known(lower, guid.toLowerCase())).toEqual(before);
    expect((await known(upper, guid.toLowerCase())).version).toBe(log.present(APPOINTMENT).get(keyOf(upper))?.version);
  });

  it('lets one practice be offline while the others go on', async () => {
    relay.simulator.exact.practice('UKB').state.mode = 'offline';
    await until('UKB is offline', () => status.phase(id('UKB'), 'appointment') === 'offline', { timeoutMs: 40_000 });
    const [first] = soonAt(relay.simulator.exact, 'UKC');
    relay.simulator.exact.put('UKC', 'appointment', first as string, { status: 'Arrived' });
    const key = `${id('UKC')}/${String(first).toLowerCase()}`;
    await until('UKC goes on', () => log.record(APPOINTMENT, key)?.['status'] === 'Arrived');
    expect((await relay.tenant(id('UKB')))?.state).toBe('active');
    relay.simulator.exact.practice('UKB').state.mode = 'online';
    await until('UKB is back', () => status.phase(id('UKB'), 'appointment') === 'live', { timeoutMs: 40_000 });
  });

  it('parks a record on which the practice fails, and reads the others', async () => {
    const [bad, good] = soonAt(relay.simulator.exact, 'UKA');
    relay.simulator.exact.practice('UKA').state.faultyRecords.add(String(bad).toLowerCase());
    relay.simulator.exact.put('UKA', 'appointment', good as string, { status: 'InSurgery' });
    const key = `${id('UKA')}/${String(good).toLowerCase()}`;
    await until('the good one', () => log.record(APPOINTMENT, key)?.['status'] === 'InSurgery', { timeoutMs: 60_000 });
    expect(status.phase(id('UKA'), 'appointment')).not.toBe('offline');
    relay.simulator.exact.practice('UKA').state.faultyRecords.clear();
  });

  it('suspends a practice that one list lacks, and withdraws it at the second', async () => {
    relay.simulator.exact.practice('ukc').subscribed = false;
    await relay.untilState(id('ukc'), 'withdrawn', 40_000);
    expect((await relay.tenant(id('UKC')))?.state).toBe('active');
  });

  it('changes nobody when the list is suddenly empty, and opens one hold', async () => {
    relay.simulator.exact.gateway.emptySubscriptions = true;
    const open = async () => {
      const { items } = (await (await relay.registry('/holds')).json()) as { items: { kind: string }[] };
      return items;
    };
    await until('a hold is open', async () => (await open()).length > 0, { timeoutMs: 30_000 });
    const asked = relay.simulator.exact.requests.count(/Subscriptions/);
    await until('two more empty lists', () => relay.simulator.exact.requests.count(/Subscriptions/) >= asked + 2);
    expect(await open()).toHaveLength(1);
    for (const practice of ['UKA', 'UKB', 'UKC']) expect((await relay.tenant(id(practice)))?.state).toBe('active');
    relay.simulator.exact.gateway.emptySubscriptions = false;
    await until('the hold is closed', async () => (await open()).length === 0, { timeoutMs: 30_000 });
  });

  it('leaves a log that keeps every promise', () => {
    expect(log.events.length).toBeGreaterThan(100);
    expect(checkLog(log.events)).toEqual([]);
  });
});
