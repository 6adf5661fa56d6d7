import { describe, expect, it } from 'vitest';
import { parseEventsOptions, recordTopics } from './options.ts';
import { renderJson, renderLine, type ShownEvent } from './render.ts';

const EVENT: ShownEvent = {
  topic: 'relay.provet.invoice.v1',
  partition: 3,
  offset: 12n,
  key: 'provet:x.example:1/7',
  headers: {
    ce_time: '2026-01-02T03:04:05.678Z',
    ce_type: 'practice-relay.provet.invoice.updated',
    ce_subject: 'invoice/7',
    ce_tenantid: 'provet:x.example:1',
    ce_cause: 'notice',
  },
  value: '{"changedFields":["/total"],"record":{"total":49.00,"id":12345678901234567890}}',
};

describe('the options of the events command', () => {
  it('are read', () => {
    expect(parseEventsOptions(['--tenant', 't', '--resource', 'client', '--from-beginning', '--json'])).toEqual({
      tenant: 't',
      resource: 'client',
      fromBeginning: true,
      json: true,
    });
    expect(parseEventsOptions([])).toEqual({ tenant: null, resource: null, fromBeginning: false, json: false });
  });

  it('that are unknown are named, with the usage', () => {
    expect(() => parseEventsOptions(['--nope'])).toThrow(/--nope[\s\S]*Usage/);
  });
});

describe('record topics', () => {
  const names = ['tenant.v1', 'provet.client.v1', 'exact.contact-details.v1', 'notice.v1', 'provet.client.v2'];

  it('are all of both vendors, or those of one resource', () => {
    expect(recordTopics(names, null)).toEqual(['provet.client.v1', 'exact.contact-details.v1', 'provet.client.v2']);
    expect(recordTopics(names, 'contact/details')).toEqual(['exact.contact-details.v1']);
  });
});

describe('an event', () => {
  it('as JSON keeps the spelling of numbers, and holds what the contract lists', () => {
    const line = renderJson(EVENT);
    expect(line).toContain('"total":49.00,"id":12345678901234567890');
    expect(Object.keys(JSON.parse(line) as object)).toEqual([
      'topic',
      'partition',
      'offset',
      'key',
      'headers',
      'value',
    ]);
    expect(JSON.parse(line)).toMatchObject({ offset: 12, partition: 3, key: EVENT.key });
  });

  it('of a deletion has a null value', () => {
    expect(JSON.parse(renderJson({ ...EVENT, value: null }))).toMatchObject({ value: null });
    expect(renderLine({ ...EVENT, value: null })).toContain('invoice/7');
  });

  it('as a line says when, what, whose, which fields and why', () => {
    expect(renderLine(EVENT)).toMatch(/^03:04:05 {2}updated +invoice\/7 +provet:x.example:1 {2}\/total {2}\(notice\)$/);
  });

  it('cannot send commands to the terminal', () => {
    const hostile = { ...EVENT, headers: { ...EVENT.headers, ce_subject: 'client/\u001b[2J\u0007' } };
    // oxlint-disable-next-line no-control-regex -- that none is left is what is tested
    expect(renderLine(hostile)).not.toMatch(/[\u0000-\u001f]/);
  });
});
