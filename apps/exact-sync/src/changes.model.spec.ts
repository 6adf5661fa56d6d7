import { describe, expect, it, vi } from 'vitest';
import { ExactScene } from './test-support/exact-scene.js';

/** Hours of the model take seconds of a busy machine. */
vi.setConfig({ testTimeout: 60_000 });

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const instant = (at: number): string => new Date(at).toISOString();

describe('changes that nobody announces', () => {
  it('of near appointments are found within two polls: changed, cancelled, booked', async () => {
    const scene = await ExactScene.live({}, { records: 60 });
    const { twin, clock } = scene.model;
    const id = scene.nearAppointment();
    twin.put('UKTEST1', 'appointment', id, { status: 'Cancelled', cancellationDate: instant(clock.now()) });
    const booked = twin.put('UKTEST1', 'appointment', null, {
      startDate: instant(clock.now() + DAY),
      status: 'Pending',
    });
    await scene.model.run(2 * MINUTE);
    expect(scene.tail('appointment', id)).toMatchObject({ status: 'Cancelled' });
    expect(scene.tail('appointment', booked['id'] as string)).toEqual(booked);
  });

  it('are followed by id when they lead out of a window: nothing is deleted', async () => {
    const scene = await ExactScene.live({}, { records: 60 });
    const { twin, clock } = scene.model;
    const id = scene.nearAppointment();
    for (const days of [20, 700, 2]) {
      twin.put('UKTEST1', 'appointment', id, { startDate: instant(clock.now() + days * DAY) });
      await scene.model.run(days === 2 ? 2 * MINUTE : 70 * MINUTE);
      expect(scene.tail('appointment', id)).toEqual(scene.model.twin.record('UKTEST1', 'appointment', id));
    }
    expect(scene.status('appointment').counters?.deleted).toBe(0);
  });

  it('that remove an appointment for good are tombstones, near and far', async () => {
    const scene = await ExactScene.live({}, { records: 60 });
    const { twin, clock } = scene.model;
    const near = scene.nearAppointment();
    const [far] = scene.starting(clock.now() + 10 * DAY, clock.now() + 90 * DAY);
    twin.remove('UKTEST1', 'appointment', near);
    twin.remove('UKTEST1', 'appointment', far?.['id'] as string);
    await scene.model.run(80 * MINUTE);
    expect(scene.tail('appointment', near)).toBeNull();
    expect(scene.tail('appointment', far?.['id'] as string)).toBeNull();
  });

  it('take no call for an appointment that has only become past', async () => {
    const scene = await ExactScene.live({ sweepSeconds: 86_400, pollSeconds: 900 }, { records: 120 });
    const before = scene.model.twin.requests.last;
    const midnight = Date.parse('2026-11-27T00:00:00Z');
    await scene.model.run(midnight + 2 * HOUR - scene.model.clock.now());
    // A day has left the near window, another the far one, and one has come nearer.
    expect(scene.starting(midnight - 2 * DAY, midnight - DAY).length).toBeGreaterThan(1);
    expect(scene.starting(midnight + 3 * DAY, midnight + 4 * DAY).length).toBeGreaterThan(1);
    expect(scene.asked(/Appointments\/[^?]+$/, before)).toEqual([]);
    expect(scene.status('appointment').counters?.deleted).toBe(0);
  });

  it('are found too where an appointment is removed between one window and the next', async () => {
    const scene = await ExactScene.live({ pollSeconds: 600 }, { records: 20 });
    const { twin, clock } = scene.model;
    const midnight = Date.parse('2026-11-27T00:00:00Z');
    // Of yesterday, which the near window lets go at midnight; the far one has it with its next run.
    const record = twin.put('UKTEST1', 'appointment', null, { startDate: instant(midnight - 30 * HOUR) });
    await scene.model.run(midnight - 15 * MINUTE - clock.now());
    expect(scene.tail('appointment', record['id'] as string)).toEqual(record);
    await scene.model.clock.until('midnight is past', () => clock.now() > midnight, DAY, 1_000);
    twin.remove('UKTEST1', 'appointment', record['id'] as string);
    await scene.model.run(150 * MINUTE);
    expect(scene.tail('appointment', record['id'] as string)).toBeNull();
  });
});

describe('the past', () => {
  it('is read once, newest first, and said to be', async () => {
    const scene = await ExactScene.live({ historyDays: 400, pollSeconds: 1_800 }, { records: 40 });
    const { twin, clock } = scene.model;
    const old = [60, 200, 390, 500].map((days) =>
      twin.put('UKTEST1', 'appointment', null, { startDate: instant(clock.now() - days * DAY) }),
    );
    await scene.model.run(12 * HOUR);
    const [first, second, third, beyond] = old.map((record) => scene.tail('appointment', record['id'] as string));
    expect([first, second, third]).toEqual(old.slice(0, 3));
    expect(beyond).toBeUndefined();
    const { history } = scene.status('appointment');
    expect(history?.completedAt).not.toBeNull();
    const before = scene.model.twin.requests.last;
    await scene.model.run(2 * DAY);
    const asked = scene.asked(/Appointments\?from=2025/, before);
    expect(asked).toEqual([]);
  });

  it('goes on where it was when its process is killed', async () => {
    const scene = await ExactScene.live({ historyDays: 1_500, pollSeconds: 1_800 }, { records: 20 });
    await scene.model.clock.until('some of it was read', () => scene.asked(/Appointments\?from=202[54]/).length > 5);
    const read = scene.asked(/Appointments\?from=/).filter((line) => /from=202[2345]/.test(line));
    scene.worker.kill();
    const next = scene.model.start();
    next.assign(0);
    next.readBack();
    await scene.model.run(20 * HOUR);
    expect(scene.status('appointment').history?.completedAt).toBeTruthy();
    const all = scene.asked(/Appointments\?from=/).filter((line) => /from=202[2345]/.test(line));
    // One page may be read twice.
    expect(all.length - new Set(all).size).toBeLessThanOrEqual(1);
    expect(all.length).toBeGreaterThan(read.length);
  });
});
