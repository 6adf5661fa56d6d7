import { EXACT_BASE_SCOPES, EXACT_RESOURCES, exactScopesWanted } from '@relay/contracts';
import type { TwinRecord } from '@relay/vendor-twins';
import { describe, expect, it, vi } from 'vitest';
import { ExactScene } from './test-support/exact-scene.js';

/** Hours of the model take seconds of a busy machine. */
vi.setConfig({ testTimeout: 60_000 });

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** Practices are closed: sweeps need not wait. */
const SATURDAY = Date.parse('2026-11-28T12:00:00Z');
const PHONE = 'patient.get.contactdetails.phone';
const EMAIL = 'patient.get.contactdetails.email';
const idOf = (record: TwinRecord | undefined): string => record?.['id'] as string;

describe('the endpoints of a practice', () => {
  it('are all read, each record as it came', async () => {
    const scene = await ExactScene.live({ resources: EXACT_RESOURCES }, { records: 12 });
    for (const kind of ['patient', 'practitioner', 'payor'] as const) {
      for (const record of scene.records(kind)) expect(scene.tail(kind, idOf(record))).toEqual(record);
    }
    expect(scene.tail('practice', 'UKTEST1')).toMatchObject({ practiceId: 'UKTEST1' });
    for (const patient of scene.records('patient')) {
      expect(scene.tail('contact-details', idOf(patient))).toEqual({
        emailAddresses: [expect.stringContaining('@')],
        phoneNumbers: [expect.objectContaining({ phoneType: 'Mobile' })],
      });
    }
    expect(scene.model.complaints).toEqual([]);
  });

  it('of contact details tell of a change that nothing else of the patient shows', async () => {
    const scene = await ExactScene.live(
      { resources: ['contact-details'], sweepSeconds: 1_800, startAt: SATURDAY },
      { records: 12 },
    );
    const id = idOf(scene.records('patient')[4]);
    scene.model.twin.putContact('UKTEST1', id, { emailAddresses: ['new@mail.example'] });
    await scene.model.run(HOUR);
    expect(scene.tail('contact-details', id)).toMatchObject({ emailAddresses: ['new@mail.example'] });
    expect(scene.versions('contact-details', id)).toBe(2);
    scene.model.twin.remove('UKTEST1', 'patient', id);
    await scene.model.run(HOUR);
    expect(scene.tail('contact-details', id)).toBeNull();
    const others = scene.records('patient').map((record) => scene.versions('contact-details', idOf(record)));
    expect(new Set(others)).toEqual(new Set([1]));
  });

  it('of contact details show what their scopes reach, and all of them again when more are granted', async () => {
    const scene = await ExactScene.live(
      { resources: ['contact-details'] },
      { records: 6, granted: [...EXACT_BASE_SCOPES, 'patient.list', 'patient.get', PHONE] },
    );
    const id = idOf(scene.records('patient')[0]);
    expect(Object.keys(scene.tail('contact-details', id) ?? {})).toEqual(['phoneNumbers']);
    scene.model.grant([...EXACT_BASE_SCOPES, 'patient.list', 'patient.get', PHONE, EMAIL]);
    await scene.model.run(5 * MINUTE);
    expect(Object.keys(scene.tail('contact-details', id) ?? {})).toEqual(['emailAddresses', 'phoneNumbers']);
  });

  it('of contact details are not called without a scope that shows any', async () => {
    const scene = new ExactScene({ resources: ['patient', 'contact-details'] }, { records: 6 });
    scene.model.grant(exactScopesWanted(['patient']));
    await scene.model.run(10 * MINUTE);
    expect(scene.status('contact-details')).toMatchObject({
      phase: 'forbidden',
      reason: `scope-missing: ${EMAIL} ${PHONE}`,
    });
    expect(scene.status('patient').phase).toBe('live');
    expect(scene.asked(/ContactDetails/)).toEqual([]);
  });
});

describe('records and their names', () => {
  it('are one record in whatever spelling their GUID comes', async () => {
    const scene = await ExactScene.live({ sweepSeconds: 1_800, startAt: SATURDAY, pollSeconds: 600 }, { records: 30 });
    const before = scene.messages('patient');
    for (const spelling of ['upper', 'lower', 'as-made'] as const) {
      scene.practice.state.listSpelling = spelling;
      await scene.model.run(HOUR);
    }
    const keys = scene.keys('patient');
    expect(keys).toHaveLength(30);
    expect(keys.every((key) => key === `exact:qa:UKTEST1/${(key.split('/')[1] ?? '').toLowerCase()}`)).toBe(true);
    // No event says that nothing has changed.
    expect(scene.messages('patient')).toBe(before);
  });

  it('keep values that nobody knows', async () => {
    const scene = await ExactScene.live({ sweepSeconds: 1_800 }, { records: 40 });
    const id = scene.nearAppointment();
    scene.model.twin.put('UKTEST1', 'appointment', id, { status: 'Teleported', another: [1.5] });
    await scene.model.run(2 * MINUTE);
    expect(scene.tail('appointment', id)).toMatchObject({ status: 'Teleported', another: [1.5] });
    scene.practice.state.statusNames = 'old';
    await scene.model.run(2 * HOUR);
    const shown = scene.model.twin.records('UKTEST1', 'appointment').map((record) => record['status']);
    expect(shown).toContain('Booked');
    for (const record of scene.inWindows()) expect(scene.tail('appointment', idOf(record))).toEqual(record);
  });

  it('keep all providers of an appointment and the chain of its family', async () => {
    const scene = await ExactScene.live({}, { records: 40 });
    const id = scene.nearAppointment();
    const provider = (index: number): TwinRecord => ({
      id: idOf(scene.records('practitioner')[index]),
      type: 'Hygienist',
      name: 'x',
    });
    const shows = async (chain: TwinRecord): Promise<void> => {
      scene.model.twin.put('UKTEST1', 'appointment', id, chain);
      await scene.model.run(2 * MINUTE);
      expect(scene.tail('appointment', id)).toMatchObject(chain);
    };
    await shows({ providers: [provider(0), provider(1)] });
    await shows({ providers: [provider(1)] });
    await shows({ nextFamilyAppointmentId: 'AB-2', familyAppointmentIds: ['AB-1', 'AB-2'] });
  });

  it('hand on a consent as it was given, and show at once that it was taken back', async () => {
    const scene = await ExactScene.live({ sweepSeconds: 1_800, startAt: SATURDAY }, { records: 12 });
    const id = idOf(scene.records('patient')[3]);
    for (const consentedToMarketing of ['Consented', 'NotAsked', 'Refused', null]) {
      scene.model.twin.put('UKTEST1', 'patient', id, { consentedToMarketing });
      await scene.model.run(HOUR);
      expect(scene.tail('patient', id)?.['consentedToMarketing']).toBe(consentedToMarketing);
    }
  });

  it('are only read, whatever is lost on the way', async () => {
    const scene = await ExactScene.live({}, { records: 20 });
    const { twin } = scene.model;
    twin.faults.add({ scope: 'UKTEST1', path: '/', after: true, times: 6, effect: { kind: 'status', status: 504 } });
    await scene.model.run(30 * MINUTE);
    const requests = twin.requests.list();
    expect(requests.filter(({ status }) => status === 504)).toHaveLength(6);
    expect(new Set(requests.filter(({ scope }) => scope === 'UKTEST1').map(({ method }) => method))).toEqual(
      new Set(['GET']),
    );
  });

  it('of practices that are spelt alike but for their case are never mixed', async () => {
    const scene = new ExactScene({}, { id: 'UKABC123', records: 40 });
    scene.model.practice({ id: 'ukabc123', records: 40 });
    await scene.model.run(10 * MINUTE);
    // The same GUIDs in both, as databases of one software have them.
    const id = scene.nearAppointment();
    const startDate = new Date(scene.model.clock.now() + 24 * HOUR).toISOString();
    scene.model.twin.put('ukabc123', 'appointment', id, { status: 'Cancelled', startDate });
    scene.model.twin.put('UKABC123', 'appointment', id, { status: 'Confirmed', startDate });
    await scene.model.run(2 * MINUTE);
    expect(scene.tail('appointment', id, 'UKABC123')).toMatchObject({ status: 'Confirmed' });
    expect(scene.tail('appointment', id, 'ukabc123')).toMatchObject({ status: 'Cancelled' });
    for (const practice of ['UKABC123', 'ukabc123']) {
      for (const record of scene.records('patient', practice)) {
        expect(scene.tail('patient', idOf(record), practice)).toEqual(record);
      }
    }
  });

  it('of the other environment are not asked for, whatever the topics hold', async () => {
    const scene = new ExactScene({}, { records: 10 });
    const { tenantId, ...other } = scene.model.tenantOf('UKTEST1');
    scene.model.tenant({ ...other, tenantId: tenantId.replace(':qa:', ':production:'), environment: 'production' });
    await scene.model.run(10 * MINUTE);
    const keys = scene.keys('patient');
    expect(keys).toHaveLength(10);
    expect(keys.every((key) => key.startsWith('exact:qa:'))).toBe(true);
  });
});
