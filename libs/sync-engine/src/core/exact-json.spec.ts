import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalText, contentHash, formHash, isPartOf, parseExact, sameJson, without } from './exact-json.js';

const hashOf = (text: string): string => contentHash(parseExact(text));

describe('content hash', () => {
  it.each([
    ['members in another order', '{"a":1,"b":2}', '{"b":2,"a":1}'],
    ['spacing', '{"a":[1,2]}', ' { "a" : [ 1 , 2 ] } '],
    ['49.0 and 49', '{"price":49.0}', '{"price":49}'],
    ['exponents', '4.9e1', '49'],
    ['escapes', '"\\u0041"', '"A"'],
    ['zero below zero', '-0', '0'],
    ['large integers with an empty fraction', '12345678901234567890.0', '12345678901234567890'],
    ['large integers as powers', '1e30', '1000000000000000000000000000000'],
  ])('is the same for %s', (_what, a, b) => {
    expect(hashOf(a)).toBe(hashOf(b));
  });

  it.each([
    ['integers beyond 2^53', '9007199254740993', '9007199254740992'],
    ['long fractions', '0.1', '0.10000000000000000001'],
    ['numbers beyond a double', '1e400', '2e400'],
    ['tiny numbers', '1e-400', '0'],
    ['a number and its text', '1', '"1"'],
    ['the order of an array', '[1,2]', '[2,1]'],
    ['null and nothing', '{"a":null}', '{}'],
    ['one array and two', '[[1],[2]]', '[[1,[2]]]'],
  ])('differs for %s', (_what, a, b) => {
    expect(hashOf(a)).not.toBe(hashOf(b));
  });

  it('agrees with equality of values', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
        const [x, y] = [parseExact(JSON.stringify(a)), parseExact(JSON.stringify(b))];
        expect(canonicalText(x) === canonicalText(y)).toBe(sameJson(x, y));
        expect(sameJson(x, parseExact(JSON.stringify(a, null, 2)))).toBe(true);
      }),
    );
  });

  it('never lets two different integers be one', () => {
    fc.assert(
      fc.property(fc.bigInt(), fc.bigInt(), (a, b) => {
        expect(hashOf(String(a)) === hashOf(String(b))).toBe(a === b);
      }),
    );
  });
});

describe('volatile members', () => {
  it('are not compared, but their presence tells forms apart', () => {
    const volatile = ['url'];
    const [a, b, c] = ['{"id":1,"url":"x"}', '{"id":1,"url":"y"}', '{"id":1}'].map(parseExact) as [never, never, never];
    expect(contentHash(without(a, volatile))).toBe(contentHash(without(b, volatile)));
    expect(contentHash(without(a, volatile))).toBe(contentHash(without(c, volatile)));
    expect(formHash(a, volatile)).toBe(formHash(b, volatile));
    expect(formHash(a, volatile)).not.toBe(formHash(c, volatile));
  });
});

describe('isPartOf', () => {
  it('holds when the detail form shows all of the list form', () => {
    expect(isPartOf(parseExact('{"a":1,"b":[1]}'), parseExact('{"b":[1.0],"c":2,"a":1}'))).toBe(true);
    expect(isPartOf(parseExact('{"a":1}'), parseExact('{"a":2}'))).toBe(false);
    expect(isPartOf(parseExact('{"a":null}'), parseExact('{"b":1}'))).toBe(false);
  });
});

describe('numbers that are kept exactly', () => {
  it('are written as the vendor spelt them', () => {
    const text = '{"a":12345678901234567890.50}';
    expect(JSON.stringify(parseExact(text))).toBe(text);
  });
});
