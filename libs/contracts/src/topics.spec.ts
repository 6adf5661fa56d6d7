import { describe, expect, it } from 'vitest';
import { SERVICES } from './services.js';
import { CONTROL_TOPICS, recordTopic, topicsOf, type ControlTopic, type ControlValue } from './topics.js';

describe('topics', () => {
  it('gives every topic a writer', () => {
    for (const [name, spec] of Object.entries(CONTROL_TOPICS)) expect(spec.writers.length, name).toBeGreaterThan(0);
  });

  it('creates record topics of the enabled resources only, at the sync alone', () => {
    const names = topicsOf('provet-sync', ['client', 'logs/email']).map((topic) => topic.name);
    expect(names).toContain('provet.client.v1');
    expect(names).toContain('provet.logs-email.v1');
    expect(names).not.toContain('exact.patient.v1');
    for (const service of SERVICES.filter((name) => name !== 'provet-sync')) {
      expect(topicsOf(service, ['client']).map((topic) => topic.name)).not.toContain(recordTopic('provet', 'client'));
    }
  });

  it('types a topic and its payload together', () => {
    const value: ControlValue<'subscription-list.v1'> = {
      environment: 'qa',
      practiceIds: ['UKTEST1'],
      observedAt: '2026-11-26T20:00:00.000Z',
    };
    // @ts-expect-error a topic that is not in the table
    const unknown: ControlTopic = 'record.v1';
    expect(CONTROL_TOPICS['subscription-list.v1'].value.parse(value)).toEqual(value);
    expect(unknown in CONTROL_TOPICS).toBe(false);
  });
});
