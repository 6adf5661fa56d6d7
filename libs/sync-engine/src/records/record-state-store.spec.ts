import { recordEventHeaders } from '@relay/contracts';
import { describe, expect, it } from 'vitest';
import { versionOf } from '../core/record-version.js';
import { PROCESS_SURROUNDINGS } from '../engine-surroundings.js';
import type { OutboxRows } from '../ports/engine-store.js';
import { RecordStateStore, stateMessageOf } from './record-state-store.js';

const NOW = 1_795_000_000_000;
const text = '{"id":1}';

const row = versionOf({
  ref: { tenantId: 'provet:h:1', resource: 'client', recordId: '1' },
  row: null,
  oldBody: null,
  sighting: { text, hash: 'h', modifiedAt: NOW, fetchedAt: NOW },
  readSeq: 1n,
  change: 'snapshot',
  cause: 'backfill',
  missed: false,
  trigger: null,
  noticedAt: null,
  runId: 'run',
  listHash: null,
  volatileMembers: [],
  now: NOW,
  origin: { vendor: 'provet', source: 'https://h/1/api/0.1/', urlOf: () => 'https://h/1/api/0.1/client/1/' },
  settings: { previous: false, maxBytes: 10_000 },
  whole: null,
});

describe('stateMessageOf', () => {
  const send = () =>
    recordEventHeaders.parse(
      stateMessageOf(
        { row, body: text },
        {
          vendor: 'provet',
          cause: 'replay',
          epoch: 2,
          shardOf: () => 0,
          traceparent: PROCESS_SURROUNDINGS.traceparent,
        },
      ).message.headers,
    );

  it('gives each sending a trace context of its own, and the version one id', () => {
    const [first, second] = [send(), send()];
    expect(first.traceparent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/);
    expect(second.traceparent).not.toBe(first.traceparent);
    expect(second.ce_id).toBe(first.ce_id);
  });
});

describe('a row that was lifted above the log', () => {
  it('is not sent before it was read again: its version is the log’s, its content is not', async () => {
    const rows = [
      { row: { ...row, recordId: '1', hash: '' }, body: text },
      { row: { ...row, recordId: '2' }, body: text },
      { row: { ...row, recordId: '3', hash: '', deleted: true }, body: null },
    ];
    const store = new RecordStateStore({
      rows: { rowsWithBodies: async () => rows } as unknown as OutboxRows,
      vendor: 'provet',
      shardOf: () => 0,
      epochOf: () => 1,
      traceparent: PROCESS_SURROUNDINGS.traceparent,
    });
    const sent = (await store.present(['any'])).map(({ rowKey }) => rowKey.split('\0')[2]);
    expect(sent).toEqual(['2', '3']);
  });
});
