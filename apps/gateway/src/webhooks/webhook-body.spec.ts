import { describe, expect, it } from 'vitest';
import { readWebhookBody } from './webhook-body.js';

const FORM = 'application/x-www-form-urlencoded';
const JSON_TYPE = 'application/json';
const read = (body: string, type: string | undefined, trigger: number | 'any' = 1) =>
  readWebhookBody(Buffer.from(body), type, trigger);

describe('a webhook body', () => {
  it.each([
    ['client_id=1', FORM],
    ['client_id=1&user=2&timestamp=3', `${FORM}; charset=utf-8`],
    ['client_id=1\r\n', 'Application/X-WWW-Form-Urlencoded'],
    ['client_id=1', 'text/plain'],
    ['client_id=1', undefined],
    ['client_id=1', 'nonsense'],
    ['{"client_id":"1"}', JSON_TYPE],
    ['{"client_id":1,"user":"u","timestamp":"x"}', `${JSON_TYPE}; charset=utf-8`],
    ['{"client_id":1}', 'application/vnd.api+json'],
    [' {"client_id":1}', undefined],
    ['{"client_id":1}', 'text/plain'],
    ['client_id=1&client_id=1', FORM],
  ])('%s as %s names client 1', (body, type) => {
    expect(read(body, type)).toEqual({ resource: 'client', recordId: '1' });
  });

  it.each([
    ['', JSON_TYPE],
    ['', undefined],
    ['{', JSON_TYPE],
    ['[1]', JSON_TYPE],
    ['null', JSON_TYPE],
    ['hello', 'text/plain'],
    ['client_id=', FORM],
    ['client_id=1&client_id=2', FORM],
    ['{"client_id":{"$gt":1}}', JSON_TYPE],
    ['{"client_id":null}', JSON_TYPE],
    ['{"client_id":true}', JSON_TYPE],
    ['{"client_id":1.5}', JSON_TYPE],
    ['{"client_id":1e30}', JSON_TYPE],
    [`{"client_id":${'1'.repeat(65)}}`, JSON_TYPE],
    ['client_id=../../etc', FORM],
    [`client_id=${'1'.repeat(65)}`, FORM],
    ['client_id=1', JSON_TYPE],
    ['{"client_id":1}', FORM],
  ])('%s as %s names nothing', (body, type) => {
    expect(read(body, type)).toBeNull();
  });

  it.each([
    ['{"client_id":12345678901234567890}', JSON_TYPE],
    ['{"at":"2026","client_id": 12345678901234567890 }', undefined],
    ['client_id=12345678901234567890', FORM],
  ])('%s as %s keeps every digit of a long id', (body, type) => {
    expect(read(body, type)).toEqual({ resource: 'client', recordId: '12345678901234567890' });
  });

  it('prefers the member that the vendor names for the trigger', () => {
    expect(read('user_id=5&consultation_id=7', FORM, 3)).toEqual({ resource: 'consultation', recordId: '7' });
  });

  it('takes the only member that ends in _id where the vendor names none, and refuses to choose among several', () => {
    expect(read('thing_id=A-1', FORM, 999)).toEqual({ resource: null, recordId: 'A-1' });
    expect(read('claim_id=4', FORM, 13)).toEqual({ resource: 'insuranceclaim', recordId: '4' });
    expect(read('cabinet_id=4', FORM, 50)).toEqual({ resource: null, recordId: '4' });
    expect(read('other_id=4', FORM, 1)).toEqual({ resource: 'client', recordId: '4' });
    expect(read('a_id=1&b_id=2', FORM, 999)).toBeNull();
  });

  it('lets the member decide the resource on an any URL', () => {
    expect(read('appointment_id=4', FORM, 'any')).toEqual({ resource: 'appointment', recordId: '4' });
    expect(read('thing_id=4', FORM, 'any')).toEqual({ resource: null, recordId: '4' });
    expect(read('client_id=4&patient_id=5', FORM, 'any')).toBeNull();
  });

  it('is not confused by members of objects that every object has', () => {
    expect(read('{"__proto__":{"client_id":1}}', JSON_TYPE)).toBeNull();
    expect(read('constructor=1', FORM)).toBeNull();
  });
});
