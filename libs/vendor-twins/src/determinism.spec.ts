import { describe, expect, it } from 'vitest';
import { ExactTwin } from './exact/exact-twin.js';
import { memberText } from './json.js';
import type { TwinReply } from './http.js';
import { MODELLED_RESOURCES } from './provet/catalogue.js';
import { ProvetDrive, SpecClock } from './spec-kit.js';

/** A morning at a twin: everything it said, in order. */
function provetStory(seed: string): string[] {
  const drive = new ProvetDrive({ records: 15 }, seed);
  const said: string[] = [];
  for (const trigger of [1, 2, 3, 9, 10, 21]) drive.hook(trigger);
  drive.twin.setWebhookRates({ drop: 0.2, duplicate: 0.2, late: 0.2, lateMs: 500, reorder: 0.3 });
  drive.twin.faults.add({ path: '/patient/', rate: 0.5, effect: { kind: 'status', status: 503 } });
  for (let step = 0; step < 120; step++) {
    drive.twin.live();
    drive.clock.pass(250);
    for (const { id, body, trigger } of drive.twin.dueDeliveries()) {
      said.push(`${trigger} ${body}`);
      drive.twin.deliveries.report(id, step % 3 === 0 ? 503 : 200, drive.clock.now);
    }
    if (step % 10 === 0) {
      for (const resource of MODELLED_RESOURCES)
        said.push(drive.api(`/${resource}/?ordering=-modified&page_size=5`).text);
    }
  }
  return [...said, drive.token];
}

function exactStory(seed: string): string[] {
  const clock = new SpecClock();
  const twin = new ExactTwin({ seed, origin: 'https://exact.example', clock: clock.read });
  twin.addPractice({ id: 'UK1', records: 20 });
  const said: string[] = [];
  for (let step = 0; step < 200; step++) {
    said.push(JSON.stringify(twin.live()));
    clock.pass(1000);
  }
  const reply: TwinReply = twin.handle({ method: 'GET', url: '/v1/Subscriptions/active', headers: {}, body: '' });
  return [...said, JSON.stringify(twin.records('UK1', 'appointment')), JSON.stringify(reply)];
}

describe('the same seed', () => {
  it('gives the same bytes, and another seed others (Provet)', () => {
    expect(provetStory('a')).toEqual(provetStory('a'));
    expect(provetStory('a')).not.toEqual(provetStory('b'));
  });

  it('gives the same bytes, and another seed others (EXACT)', () => {
    expect(exactStory('a')).toEqual(exactStory('a'));
    expect(exactStory('a')).not.toEqual(exactStory('b'));
  });
});

describe('ten thousand tenants of a thousand records', () => {
  it('cost nothing until they are changed', () => {
    const drive = new ProvetDrive();
    const before = process.memoryUsage().heapUsed;
    for (let id = 1000; id < 11_000; id++) drive.twin.addTenant({ id, records: 1000 });
    expect(drive.twin.record(10_999, 'client', 1000)).not.toBeNull();
    expect(drive.twin.record(10_999, 'client', 1001)).toBeNull();
    // Ten million records of five resources: 100 MB would be two bytes a record.
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(100_000_000);
  });
});

describe('life', () => {
  it('takes consultations to their end and makes, finalizes and settles their invoices', () => {
    const drive = new ProvetDrive({ records: 5 });
    for (let step = 0; step < 1500; step++) {
      drive.twin.live();
      drive.clock.pass(5000);
    }
    const records = (resource: 'consultation' | 'invoice') =>
      drive.twin.ids(7, resource).map((id) => drive.twin.record(7, resource, id));
    const grown = records('consultation').slice(5);
    expect(grown.some((record) => record?.['status'] === 10)).toBe(true);
    const made = records('invoice').slice(5);
    expect(made.some((record) => record?.['status'] === 3 && record['due_sum'] === 0)).toBe(true);
    for (const record of grown.filter((one) => one?.['status'] === 10)) {
      const id = Number(/(\d+)\/$/.exec(memberText(record, 'invoice'))?.[1]);
      expect(drive.twin.record(7, 'invoice', id)?.['consultation']).toBe(record?.['url']);
    }
  });

  it('lets EXACT appointments go through their life inside the near window', () => {
    const clock = new SpecClock();
    const twin = new ExactTwin({ seed: 'life', origin: 'https://exact.example', clock: clock.read });
    twin.addPractice({ id: 'UK1', records: 20 });
    const seen = new Set<unknown>();
    for (let step = 0; step < 400; step++) {
      const change = twin.live();
      if (change?.kind === 'appointment') seen.add(twin.record('UK1', 'appointment', change.recordId)?.['status']);
      clock.pass(5000);
    }
    for (const status of ['Confirmed', 'Arrived', 'InSurgery', 'Completed', 'Cancelled'])
      expect(seen).toContain(status);
  });
});
