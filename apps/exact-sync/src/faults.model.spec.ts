import { describe, expect, it, vi } from 'vitest';
import { ExactScene } from './test-support/exact-scene.js';

/** Hours of the model take seconds of a busy machine. */
vi.setConfig({ testTimeout: 60_000 });

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const instant = (at: number): string => new Date(at).toISOString();

describe('an appointment that the practice’s software fails on', () => {
  it('stops neither the others of its day nor those of its hour', async () => {
    const scene = await ExactScene.live({}, { records: 60 });
    const { twin, clock } = scene.model;
    const book = (afterMs: number): string =>
      twin.put('UKTEST1', 'appointment', null, { startDate: instant(clock.now() + afterMs) })['id'] as string;
    const [bad, sibling, other] = [book(25 * HOUR), book(25 * HOUR + 10 * MINUTE), book(28 * HOUR)];
    await scene.model.run(2 * MINUTE);
    scene.practice.state.faultyRecords.add(bad.toLowerCase());
    await scene.model.run(3 * MINUTE);
    twin.put('UKTEST1', 'appointment', other, { status: 'Confirmed' });
    twin.put('UKTEST1', 'appointment', sibling, { status: 'Cancelled' });
    await scene.model.run(2 * MINUTE);
    expect(scene.tail('appointment', other)).toMatchObject({ status: 'Confirmed' });
    await scene.model.run(16 * MINUTE);
    expect(scene.tail('appointment', sibling)).toMatchObject({ status: 'Cancelled' });
    expect(scene.status('appointment')).toMatchObject({ phase: 'live', parked: 1, counters: { deleted: 0 } });
    // Not a dozen calls each minute to find out the same again.
    const before = twin.requests.last;
    await scene.model.run(10 * MINUTE);
    expect(scene.asked(/Appointments/, before).length).toBeLessThan(60);
    scene.practice.state.faultyRecords.clear();
    twin.put('UKTEST1', 'appointment', bad, { status: 'Arrived' });
    await scene.model.run(100 * MINUTE);
    expect(scene.tail('appointment', bad)).toMatchObject({ status: 'Arrived' });
    expect(scene.status('appointment')).toMatchObject({ phase: 'live', parked: 0 });
  });

  it('does not hold up the first reading', async () => {
    const scene = new ExactScene({ resources: ['appointment'] }, { records: 60 });
    const bad = scene.nearAppointment();
    scene.practice.state.faultyRecords.add(bad.toLowerCase());
    await scene.model.clock.until('the practice is live', () => scene.isLive(), HOUR);
    const shown = scene.inWindows().map((record) => record['id'] as string);
    const missing = shown.filter((id) => scene.tail('appointment', id) === undefined);
    expect(missing).toContain(bad);
    // Those of its hour, and no more.
    expect(missing.length).toBeLessThan(4);
  });
});

describe('a practice that has no time', () => {
  it('for a single day is told broken for its appointments, and everything else goes on', async () => {
    const scene = await ExactScene.live({ sweepSeconds: 1_800 }, { records: 40 });
    scene.practice.state.timeoutLongerThanDays = 0.1;
    await scene.model.run(45 * MINUTE);
    expect(scene.status('appointment').phase).toBe('broken');
    expect(scene.status('patient').phase).toBe('live');
    scene.practice.state.timeoutLongerThanDays = null;
    await scene.model.run(100 * MINUTE);
    expect(scene.status('appointment').phase).toBe('live');
  });

  it('for long windows is asked for short ones', async () => {
    const scene = await ExactScene.live({}, { records: 40 });
    const { twin, clock } = scene.model;
    scene.practice.state.timeoutLongerThanDays = 10;
    const id = twin.put('UKTEST1', 'appointment', null, { startDate: instant(clock.now() + 40 * 24 * HOUR) })['id'];
    await scene.model.run(140 * MINUTE);
    expect(scene.tail('appointment', id as string)).toBeTruthy();
    expect(scene.status('appointment')).toMatchObject({ phase: 'live', breaker: 'closed' });
  });
});

describe('one odd practice', () => {
  it('costs the others neither their token nor their time', async () => {
    const scene = await ExactScene.live({}, { records: 40 });
    scene.model.practice({ id: 'ODD', records: 20 });
    await scene.model.run(10 * MINUTE);
    const { twin } = scene.model;
    twin.faults.add({ scope: 'ODD', method: 'GET', path: '/', effect: { kind: 'status', status: 401 } });
    await scene.model.run(10 * MINUTE);
    const id = scene.nearAppointment();
    twin.put('UKTEST1', 'appointment', id, { status: 'Confirmed' });
    await scene.model.run(2 * MINUTE);
    expect(scene.tail('appointment', id)).toMatchObject({ status: 'Confirmed' });
    expect(scene.model.tokens.refusals).toEqual([]);
    expect(scene.status('appointment', 'ODD').phase).toBe('offline');
    expect(scene.status('appointment').phase).toBe('live');
  });
});

describe('the calls of a practice', () => {
  it('are never more in an hour than allowed, in a first reading neither, and near appointments are polled meanwhile', async () => {
    const cap = 120;
    const scene = new ExactScene({ callsPerPracticeHour: cap }, { records: 400 });
    const { twin } = scene.model;
    // The list form is not complete: each record takes a call.
    scene.practice.state.listSpelling = 'upper';
    twin.pages.bytes = 4_000;
    await scene.model.run(2 * HOUR);
    const id = scene.nearAppointment();
    twin.put('UKTEST1', 'appointment', id, { status: 'Confirmed' });
    await scene.model.run(HOUR);
    const calls = twin.requests.list(/Practices\/UKTEST1/).map(({ at }) => at);
    const most = Math.max(...calls.map((at) => calls.filter((other) => other >= at && other < at + HOUR).length));
    expect(most).toBeLessThanOrEqual(cap);
    expect(most).toBeGreaterThan(cap * 0.6);
    expect(scene.tail('appointment', id)).toMatchObject({ status: 'Confirmed' });
    expect(scene.status('appointment').calls?.cap).toBe(cap);
  });

  it('are never more in an hour than allowed where its process is killed in a first reading either', async () => {
    const cap = 120;
    const scene = new ExactScene({ callsPerPracticeHour: cap }, { records: 400 });
    scene.practice.state.listSpelling = 'upper';
    scene.model.twin.pages.bytes = 4_000;
    let worker = scene.worker;
    for (let kill = 0; kill < 3; kill += 1) {
      await scene.model.run(15 * MINUTE);
      worker.kill();
      worker = scene.model.start();
      worker.assign(0);
      worker.readBack();
    }
    await scene.model.run(HOUR);
    const calls = scene.model.twin.requests.list(/Practices\/UKTEST1/).map(({ at }) => at);
    const most = Math.max(...calls.map((at) => calls.filter((other) => other >= at && other < at + HOUR).length));
    expect(most).toBeLessThanOrEqual(cap);
    expect(most).toBeGreaterThan(cap * 0.6);
  });

  it('come at the practice’s own place in the minute, spread over all practices', async () => {
    const scene = await ExactScene.live({ resources: ['appointment'] }, { records: 5 });
    const ids = Array.from({ length: 15 }, (_, number) => `P${number}`);
    for (const id of ids) scene.model.practice({ id, records: 5 });
    await scene.model.run(8 * MINUTE);
    const before = scene.model.twin.requests.last;
    await scene.model.run(3 * MINUTE);
    const polls = scene.model.twin.requests.list(/Appointments\?from=2026-11-24T23/, before);
    const places = Map.groupBy(polls, ({ scope }) => scope);
    const placesOf = (polled: typeof polls) => polled.map(({ at }) => at % MINUTE);
    const spread = [...places.values()].map(placesOf).map((own) => Math.max(...own) - Math.min(...own));
    const seconds = [...places.values()].map((own) => Math.floor((placesOf(own)[0] ?? 0) / 1_000));
    expect(polls.length).toBeGreaterThanOrEqual(45);
    // Each keeps its own place, and the places are many.
    expect(Math.max(...spread)).toBeLessThan(2_000);
    expect(new Set(seconds).size).toBeGreaterThan(10);
  });
});
