import { describe, expect, it } from 'vitest';
import { readablePermissions } from './active-permissions.js';
import { memoOf } from './memo.js';
import { queueRows, type QueueReading } from './queue-rows.js';

describe('the list of permissions', () => {
  it.each([
    ['names', '["General: Patients and clients"]'],
    ['objects', '[{"name":"General:  patients and clients","read":true}]'],
    ['a page', '{"results":[{"permission":"general: Patients and Clients","can_read":true}]}'],
  ])('is read as %s', (_form, text) => {
    expect([...(readablePermissions(text) ?? [])]).toEqual(['general:patientsandclients']);
  });

  it.each(['<html>', '{}', '[]', '[1]', '[{"name":"General: Tasks","read":false}]'])('says nothing as %s', (text) => {
    expect(readablePermissions(text)).toBeNull();
  });
});

describe('rows of the list of deliveries', () => {
  const reading: QueueReading = { members: { hook: 'webhook', outcome: 'status', at: 'created' }, failed: ['failed'] };
  const row = (over: object = {}) => ({
    webhook: 'https://vet.example/9/api/0.1/hook/webhook/12/',
    status: 'Failed',
    created: '2026-11-26T12:00:00Z',
    ...over,
  });

  it('are read by the names that the settings give', () => {
    const at = Date.parse('2026-11-26T12:00:00Z');
    expect(queueRows([row(), row({ webhook: 12, status: 200 }), row({ status: 503 })], reading)).toEqual([
      { hookId: '12', isFailed: true, at },
      { hookId: '12', isFailed: false, at },
      { hookId: '12', isFailed: true, at },
    ]);
  });

  it.each([[{ webhook: null }], [{ status: null }], [{ created: 'yesterday' }], [{ webhook: 'https://other/x' }]])(
    'say nothing at all where one has %j',
    (over) => {
      expect(queueRows([row(), row(over)], reading)).toBeNull();
    },
  );
});

describe('the memo', () => {
  it('of another release is not believed', () => {
    expect(memoOf(null)).toBeNull();
    expect(memoOf({ hooksAgainAt: 1 })).toBeNull();
  });
});
