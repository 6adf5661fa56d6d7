import { describe, expect, it } from 'vitest';
import type { ResourceSpec } from '../ports/connector.js';
import { missedTriggerOfText } from './missed-trigger.js';

const base: ResourceSpec = {
  name: 'appointment_reminder',
  hasDetail: true,
  modifiedMember: 'modified',
  volatileMembers: [],
  passes: [],
  hasNotices: true,
  announcedBy: { created: 41, changed: 42, createdMember: 'created' },
};
const at = (created: unknown, modified: unknown) => JSON.stringify({ id: 1, created, modified });

describe('whose miss a record is', () => {
  it.each([
    ['made and not changed since', at('2026-11-26T09:00:00Z', '2026-11-26T09:00:00Z'), 41],
    ['made, its two times a moment apart', at('2026-11-26T09:00:00.100Z', '2026-11-26T09:00:01.000Z'), 41],
    ['changed after it was made', at('2026-11-26T09:00:00Z', '2026-11-26T09:00:05Z'), 42],
    ['without a time of creation', at(null, '2026-11-26T09:00:00Z'), 42],
    ['with one that is no time', at('soon', '2026-11-26T09:00:00Z'), 42],
    ['without a time of change', at('2026-11-26T09:00:00Z', undefined), 42],
  ])('%s', (_what, text, trigger) => {
    expect(missedTriggerOfText(base, text)).toBe(trigger);
  });

  it('is nobody’s where the connector names no triggers', () => {
    const { announcedBy: _announcedBy, ...bare } = base;
    expect(missedTriggerOfText(bare, at('2026-11-26T09:00:00Z', '2026-11-26T09:00:00Z'))).toBeNull();
  });
});
