import type { KafkaMessage } from 'kafkajs';
import { describe, expect, it } from 'vitest';
import { ReceivedMessage } from './received-message.js';

function message(topic: string, value: string | null, headers: KafkaMessage['headers'] = {}): ReceivedMessage {
  const raw = {
    key: Buffer.from('k'),
    value: value === null ? null : Buffer.from(value),
    headers,
    offset: '7',
    timestamp: '5',
  };
  return new ReceivedMessage(topic, 3, raw as unknown as KafkaMessage);
}

describe('ReceivedMessage', () => {
  it('checks values of control topics and keeps members that the schema does not know', () => {
    const notice = {
      noticeId: 'n',
      tenantId: 'provet:a:1',
      trigger: 'any',
      resource: null,
      recordId: 'r',
      receivedAt: '2026-11-26T10:00:00.000Z',
      later: 1,
    };
    const good = message('notice.v1', JSON.stringify(notice));
    expect(good.check()).toBeNull();
    expect(good.value).toEqual(notice);
    expect(message('notice.v1', JSON.stringify({ ...notice, trigger: 'secret' })).check()).toMatch(
      /^invalid-value \/trigger/,
    );
    expect(message('notice.v1', JSON.stringify({ ...notice, trigger: 'secret' })).check()).not.toContain('secret');
    expect(message('notice.v1', '{').check()).toBe('invalid-json');
    expect(message('notice.v1', 'null').check()).toMatch(/^invalid-value/);
    expect(message('notice.v1', null).check()).toBeNull();
  });

  it('leaves other topics unread until somebody looks', () => {
    const record = message('provet.client.v1', '{');
    expect(record.check()).toBeNull();
    expect(record.rawValue?.toString()).toBe('{');
    expect(() => record.value).toThrow(SyntaxError);
    expect(message('provet.client.v1', '{"a":1}').value).toEqual({ a: 1 });
  });

  it('reads headers as text, of repeated ones the last', () => {
    const { headers } = message('x.v1', null, { a: Buffer.from('ä'), b: [Buffer.from('1'), Buffer.from('2')] });
    expect(headers).toEqual({ a: 'ä', b: '2' });
  });
});
