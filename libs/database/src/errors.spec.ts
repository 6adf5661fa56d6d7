import { describe, expect, it } from 'vitest';
import { FencedOut, isTransient } from './errors.js';

const withCode = (code: string) => Object.assign(new Error('x'), { code });

describe('isTransient', () => {
  it.each([
    '57P01',
    '57P03',
    '53300',
    '40001',
    '40P01',
    '25P03',
    '57014',
    '08006',
    'ECONNREFUSED',
    'ECONNRESET',
    'ENOTFOUND',
  ])('%s may be tried again', (code) => expect(isTransient(withCode(code))).toBe(true));

  it.each(['23505', '42P01', '28P01', '3D000', '22P02', 'EACCES'])('%s fails again', (code) =>
    expect(isTransient(withCode(code))).toBe(false),
  );

  it('knows the messages of the driver that have no code', () => {
    expect(isTransient(new Error('Connection terminated unexpectedly'))).toBe(true);
    expect(isTransient(new Error('timeout exceeded when trying to connect'))).toBe(true);
    expect(isTransient(new Error('something else'))).toBe(false);
    expect(isTransient('Connection terminated')).toBe(false);
  });

  it('looks inside wrapped and joined errors', () => {
    expect(isTransient(Object.assign(new Error('query failed'), { driverError: withCode('57P01') }))).toBe(true);
    expect(isTransient(new Error('outer', { cause: withCode('ECONNRESET') }))).toBe(true);
    expect(isTransient(new AggregateError([withCode('ECONNREFUSED'), withCode('ECONNREFUSED')]))).toBe(true);
    expect(isTransient(new FencedOut(1, 2, 3))).toBe(false);
  });
});
