import type { SyncStatusValue } from '@relay/contracts';
import { describe, expect, it } from 'vitest';
import { ExactModel, type ExactModelOptions } from './test-support/exact-model.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** A Monday, in winter: London keeps UTC. */
const MONDAY = Date.parse('2026-02-02T00:00:00Z');

/** Practices of a relay, each on its own server, on the virtual clock. Only appointments, to keep it quick. */
async function scene(ids: readonly string[], options: Partial<ExactModelOptions> = {}) {
  const model = new ExactModel({
    seed: 'sleeping',
    startAt: MONDAY,
    resources: ['practice', 'appointment'],
    pollSeconds: 600,
    farSeconds: 86_400,
    sweepSeconds: 3_600,
    ...options,
  });
  const worker = model.start();
  worker.assign(0);
  worker.readBack();
  for (const id of ids) model.practice({ id, records: 2, country: 'GB' });
  const status = (id: string, resource = 'appointment') => {
    const key = `${model.tenantOf(id).tenantId}/${resource}`;
    return JSON.parse(model.log.tail('sync-status.v1').get(key)?.value ?? '{}') as Partial<SyncStatusValue>;
  };
  const set = (mode: 'online' | 'offline', of: readonly string[] = ids) => {
    for (const id of of) model.twin.practice(id).state.mode = mode;
  };
  /** A working day: on from eight to six, then off until midnight. */
  const workday = async (of: readonly string[] = ids) => {
    set('offline');
    await model.run(8 * HOUR);
    set('online', of);
    await model.run(10 * HOUR);
    set('offline');
    await model.run(6 * HOUR);
  };
  const callsTo = (id: string, since: number): number =>
    model.twin.requests.list().filter(({ at, scope, status: code }) => scope === id && at >= since && code === 503)
      .length;
  return { model, worker, status, set, workday, callsTo };
}

describe('a practice that is off at night', { timeout: 60_000 }, () => {
  it('sleeps as learnt, is late, then missed, and back with the next probe', async () => {
    const { model, status, set, workday } = await scene(['A', 'B']);
    for (let day = 0; day < 2; day += 1) await workday();
    expect(status('A')).toMatchObject({ phase: 'offline', reason: 'sleeping' });
    expect(status('A').presence).toMatchObject({
      standing: 'sleeping',
      expectedAt: '2026-02-04T08:00:00.000Z',
      unexpected: false,
    });
    await model.run(8 * HOUR + 20 * MINUTE);
    expect(status('A')).toMatchObject({ phase: 'offline', reason: 'late' });
    await model.run(110 * MINUTE);
    expect(status('A')).toMatchObject({ reason: 'not-answering', presence: { standing: 'broken', unexpected: true } });
    const told = model.complaints.filter(({ message }) => message.includes('longer silent'));
    expect(told.map(({ fields }) => (fields as { tenantId: string }).tenantId)).toEqual([
      model.tenantOf('A').tenantId,
      model.tenantOf('B').tenantId,
    ]);
    set('online', ['A']);
    await model.run(20 * MINUTE);
    expect(status('A')).toMatchObject({ phase: 'live', presence: { standing: 'online' } });
  });

  it('is asked rarely while it sleeps', async () => {
    const { model, workday, callsTo } = await scene(['A']);
    for (let day = 0; day < 2; day += 1) await workday();
    const since = model.clock.now();
    await model.run(6 * HOUR);
    expect(callsTo('A', since)).toBeLessThanOrEqual(20);
  });

  it('is not taken to be there because the cloud answers for its details', async () => {
    const { model, set } = await scene(['A'], { resources: ['practice', 'practitioner'], sweepSeconds: 1_200 });
    await model.run(2 * HOUR);
    set('offline');
    await model.run(6 * HOUR);
    const said = model.log
      .messages('sync-status.v1')
      .map(({ value }) => JSON.parse(value ?? '{}') as SyncStatusValue)
      .filter(({ resource }) => resource === 'practitioner');
    const offline = said.findIndex(({ phase }) => phase === 'offline');
    expect(offline).toBeGreaterThan(0);
    expect(new Set(said.slice(offline).map(({ phase }) => phase))).toEqual(new Set(['offline']));
  });

  it('keeps what was learnt when another process takes over', async () => {
    const { model, worker, status, workday } = await scene(['A']);
    for (let day = 0; day < 2; day += 1) await workday();
    worker.kill();
    const next = model.start();
    next.assign(0);
    next.readBack();
    await model.run(HOUR);
    expect(status('A')).toMatchObject({ phase: 'offline', reason: 'sleeping' });
  });
});

describe('many practices', { timeout: 60_000 }, () => {
  const many = Array.from({ length: 6 }, (_, i) => `P${i}`);

  it('on a day off are said to have one, and nobody is told of each', async () => {
    const { model, status, workday } = await scene(many);
    for (let day = 0; day < 2; day += 1) await workday();
    await model.run(8 * HOUR + 3 * HOUR);
    for (const id of many) expect(status(id)).toMatchObject({ phase: 'offline', reason: 'day-off' });
    expect(model.complaints.filter(({ message }) => message.includes('longer silent'))).toEqual([]);
  });

  it('that fail at once are the gateway’s: none is blamed, and all go on when it is back', async () => {
    const { model, status, set } = await scene(many);
    await model.run(HOUR);
    set('offline');
    await model.run(20 * MINUTE);
    expect(model.complaints.some(({ message }) => message.includes('the gateway is taken to be out'))).toBe(true);
    for (const id of many) expect(status(id).phase).toBe('live');
    set('online');
    await model.run(15 * MINUTE);
    for (const id of many) expect(status(id)).toMatchObject({ phase: 'live', presence: { standing: 'online' } });
  });
});

describe('a practice whose EXACT is too old', () => {
  it('shows what it lacks, and is read as soon as it is updated', async () => {
    const minimumOf = (resource: string) => (resource === 'appointment' ? '13.870' : '13.842');
    // Tried again by the clock only after days: what opens it is the update.
    const { model, status } = await scene(['A'], { minimumOf, rules: { forbiddenProbeMs: 10 * DAY } });
    await model.run(10 * MINUTE);
    expect(status('A')).toMatchObject({ phase: 'forbidden', reason: 'version-too-old: 13.870' });
    expect(status('A', 'practice').phase).toBe('live');
    model.twin.practice('A').setVersion('13.900', model.clock.now());
    // The details are read with the hourly sweep of this scene.
    await model.run(75 * MINUTE);
    expect(status('A').phase).toBe('live');
  });
});
