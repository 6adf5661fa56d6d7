import { recordEventHeaders } from '@relay/contracts';
import { describe, expect, it } from 'vitest';
import { versionOf } from '../core/record-version.js';
import { PROCESS_SURROUNDINGS } from '../engine-surroundings.js';
import { stateMessageOf } from './record-state-store.js';

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
