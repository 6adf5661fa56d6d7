import { exactScopesWanted } from '@relay/contracts';
import { describe, expect, it, vi } from 'vitest';
import { SubscriptionDuty } from './subscriptions/subscription-duty.js';
import type { ExactModelOptions, ExactProcess } from './test-support/exact-model.js';
import { ExactScene } from './test-support/exact-scene.js';

/** Hours of the model take seconds of a busy machine. */
vi.setConfig({ testTimeout: 60_000 });

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
/** As in a service: what has changed is told within so much. */
const rules = { statusDirtyMs: 3 * SECOND };
const RESOURCES = ['practice', 'practitioner', 'appointment', 'patient'] as const;
/** As the broker finds it out: practice details are read with the token that lists subscriptions. */
const GRANTED = exactScopesWanted(RESOURCES);

/** Lists subscriptions every few seconds: the first to be refused a token that is no longer good. */
const listing = ({ calls, continuation, process }: ExactProcess): SubscriptionDuty[] => [
  new SubscriptionDuty({
    environment: 'qa',
    calls,
    continuation,
    everySeconds: 2,
    attemptTimeoutMs: 20_000,
    backoffMinMs: 1_000,
    backoffMaxMs: 60_000,
    publish: () => Promise.resolve(),
    log: { info: () => undefined, warn: () => undefined },
    clock: process,
    random: () => 0.5,
  }),
];

describe('a client that the vendor refuses', () => {
  /** How long after the first call to the practice that was refused everything of it was told, ms. */
  async function toldAfter(options: Partial<ExactModelOptions>, pace: { asksMs: number; notesMs: number }) {
    const scene = await ExactScene.live({ rules, ...options }, { records: 20, granted: GRANTED });
    const { model } = scene;
    model.tokens.pace = pace;
    await model.run(2 * MINUTE);
    const before = model.twin.requests.last;
    model.refuseClient();
    const refusals = () => model.twin.requests.list(/Practices/, before).filter(({ status }) => status === 401);
    await model.clock.until('a call is refused', () => refusals().length > 0, 2 * MINUTE);
    const isTold = () => RESOURCES.every((name) => scene.status(name).reason === 'credential-rejected');
    await model.clock.until('it is told', isTold, 10 * MINUTE);
    for (const name of RESOURCES) expect(scene.status(name).phase).toBe('paused');
    return { scene, tookMs: model.clock.now() - (refusals()[0]?.at ?? 0) };
  }

  it.each([
    ['the token of the practice is the first to be refused', {}, { asksMs: 100, notesMs: 5 }],
    ['another token was refused before', { dutiesOf: listing }, { asksMs: 100, notesMs: 5 }],
    ['the broker answers before its command is known to be written', {}, { asksMs: 100, notesMs: 2 * SECOND }],
    ['the broker takes a moment', { dutiesOf: listing }, { asksMs: 5 * SECOND, notesMs: 5 }],
  ])('is told at once where %s', async (_, options, pace) => {
    const { tookMs } = await toldAfter(options, pace);
    expect(tookMs).toBeLessThan(pace.asksMs + pace.notesMs + 5 * SECOND);
  });

  it('goes on with the tokens that are still good, and tells which of its resources have none', async () => {
    const scene = await ExactScene.live({ rules }, { records: 20, granted: GRANTED });
    const { model } = scene;
    model.tokens.pace = { asksMs: 100, notesMs: 5 };
    model.refuseClient('but not its tokens');
    model.tokens.expire('appointment.list');
    await model.run(2 * MINUTE);
    const { phase, reason } = scene.status('appointment');
    expect({ phase, reason }).toEqual({ phase: 'forbidden', reason: 'credential-rejected' });
    for (const name of ['practice', 'practitioner', 'patient']) expect(scene.status(name).phase).toBe('live');
    model.takeClient();
    const id = scene.nearAppointment();
    model.twin.put('UKTEST1', 'appointment', id, { status: 'Confirmed' });
    await model.run(20 * SECOND);
    expect(scene.status('appointment')).toMatchObject({ phase: 'live', reason: null });
    expect(scene.tail('appointment', id)).toMatchObject({ status: 'Confirmed' });
  });

  it('goes on at once when the vendor takes it again', async () => {
    const { scene } = await toldAfter({}, { asksMs: 100, notesMs: 5 });
    scene.model.takeClient();
    await scene.model.run(20 * SECOND);
    for (const name of RESOURCES) expect(scene.status(name)).toMatchObject({ phase: 'live', reason: null });
  });
});

describe('a scope that is granted again', () => {
  /** A practice in Britain in the middle of its opening hours, all of it read; sweeps wait for the evening. */
  async function byDay(granted: readonly string[] = GRANTED) {
    const startAt = Date.parse('2026-02-03T11:00:00Z');
    const scene = await ExactScene.live(
      { rules, startAt, sweepSeconds: 3_600 },
      { records: 20, country: 'GB', granted },
    );
    await scene.model.run(10 * MINUTE);
    return scene;
  }
  const without = (scope: string): string[] => GRANTED.filter((one) => one !== scope);

  it('has at once what was missed meanwhile, also while the practice is open', async () => {
    const scene = await byDay();
    const { model } = scene;
    model.grant(without('patient.list'));
    await model.run(MINUTE);
    expect(scene.status('patient')).toMatchObject({ phase: 'forbidden', reason: 'scope-missing: patient.list' });
    const missed = model.twin.put('UKTEST1', 'patient', null, { lastName: 'Missed' })['id'] as string;
    const [kept] = scene.records('patient').map((record) => record['id'] as string);
    const before = scene.versions('patient', kept as string);
    model.grant(GRANTED);
    const asked = model.twin.requests.last;
    await model.run(MINUTE);
    expect(scene.tail('patient', missed)).toMatchObject({ lastName: 'Missed' });
    expect(scene.status('patient')).toMatchObject({ phase: 'live', reason: null });
    // What is as it was is not asked for one by one.
    expect(scene.versions('patient', kept as string)).toBe(before);
    expect(scene.asked(/Patients\/[^?]+$/, asked).length).toBeLessThanOrEqual(1);
    // Nor is it read again and again: the next sweep waits for the evening.
    const after = model.twin.requests.last;
    await model.run(2 * 60 * MINUTE);
    expect(scene.asked(/Patients/, after)).toEqual([]);
  });

  it('has everything read again at once that it extends, also while the practice is open', async () => {
    const scene = await byDay(without('patient.get'));
    const { model } = scene;
    // Its sweep is due, and is put off again and again.
    await model.run(125 * MINUTE);
    const asked = model.twin.requests.last;
    model.grant(GRANTED);
    await model.run(20 * SECOND);
    expect(scene.asked(/Patients\/[^?]+$/, asked).length).toBe(scene.records('patient').length);
  });
});

describe('a scope that is taken away', () => {
  it('stays told when a call is answered that was made before', async () => {
    const scene = await ExactScene.live({ rules }, { records: 20, granted: GRANTED });
    const { model } = scene;
    model.twin.faults.add({ scope: 'UKTEST1', path: '/Patients', delayMs: 10 * SECOND });
    model.ask('exact:qa:UKTEST1', 'compare', { resource: 'patient' });
    const before = model.twin.requests.last;
    await model.clock.until('it is asked for', () => scene.asked(/Patients/, before).length > 0);
    model.grant(GRANTED.filter((one) => one !== 'patient.list'));
    await model.run(4 * SECOND);
    expect(scene.status('patient')).toMatchObject({ phase: 'forbidden', reason: 'scope-missing: patient.list' });
    await model.run(MINUTE);
    expect(scene.status('patient')).toMatchObject({ phase: 'forbidden', reason: 'scope-missing: patient.list' });
    expect(scene.status('appointment').phase).toBe('live');
  });
});

describe('a list that a practice refuses at night', () => {
  it.each([
    ['from its first page', '/Patients'],
    ['in the middle', '/Patients\\?continuationToken'],
  ])('%s is asked for by day too, and read at once when it is permitted again', async (_, path) => {
    const startAt = Date.parse('2026-02-03T05:00:00Z');
    const scene = await ExactScene.live(
      { rules, startAt, sweepSeconds: 3_600, resources: ['practice', 'patient'] },
      { records: 60, country: 'GB', granted: GRANTED },
    );
    const { model } = scene;
    model.twin.pages.bytes = 4_000;
    const refusal = model.twin.faults.add({ scope: 'UKTEST1', path, effect: { kind: 'status', status: 403 } });
    await model.run(6 * 60 * MINUTE);
    expect(scene.status('patient')).toMatchObject({ phase: 'forbidden', reason: null });
    const missed = model.twin.put('UKTEST1', 'patient', null, { lastName: 'Missed' })['id'] as string;
    model.twin.faults.remove(refusal);
    await model.run(17 * MINUTE);
    expect(scene.status('patient').phase).toBe('live');
    expect(scene.tail('patient', missed)).toMatchObject({ lastName: 'Missed' });
  });
});
