import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JsonShapeError, jsonArraySlices } from './json-slices.js';

const space = fc.stringMatching(/^[ \n\r\t]{0,3}$/);

/** A JSON text of a value with odd spacing and odd spellings. */
const jsonText: fc.Arbitrary<string> = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom('null', 'true', 'false', '-0', '49.0', '1e5', '1E-7', '123456789012345678901', '0.10'),
    fc.string({ unit: 'grapheme' }).map((text) => JSON.stringify(text)),
    fc.constantFrom('"\\u0041"', '"\\\\"', '"a\\"]}b"', '"[,{"', '"\\\\\\""'),
    fc
      .tuple(space, fc.array(fc.tuple(space, tie('value'), space), { maxLength: 4 }))
      .map(([inner, items]) => `[${items.length === 0 ? inner : items.map((item) => item.join('')).join(',')}]`),
    fc
      .tuple(space, fc.array(fc.tuple(space, fc.string(), space, space, tie('value'), space), { maxLength: 4 }))
      .map(([inner, members]) => {
        const texts = members.map(([a, name, b, c, value, d]) => `${a}${JSON.stringify(name)}${b}:${c}${value}${d}`);
        return `{${texts.length === 0 ? inner : texts.join(',')}}`;
      }),
  ),
})).value;

describe('jsonArraySlices', () => {
  it('cuts out texts that parse to what JSON.parse sees, element by element', () => {
    fc.assert(
      fc.property(space, fc.array(fc.tuple(space, jsonText, space)), space, (before, items, after) => {
        const text = `${before}[${items.map((item) => item.join('')).join(',')}]${after}`;
        const slices = jsonArraySlices(text, null);
        expect(slices).toEqual(items.map(([, value]) => value));
        expect(slices.map((slice) => JSON.parse(slice) as unknown)).toEqual(JSON.parse(text));
      }),
    );
  });

  it('finds the array of a member, wherever it stands', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.string(), jsonText)), fc.array(jsonText), space, (others, items, gap) => {
        const kept = others
          .filter(([name]) => name !== 'results')
          .map(([name, value]) => `${JSON.stringify(name)}:${value}`);
        const text = `{${[...kept, `"results"${gap}:${gap}[${items.join(`${gap},`)}${gap}]`].join(',')}}`;
        expect(jsonArraySlices(text, 'results')).toEqual(items);
      }),
    );
  });

  it('takes the last of members with one name, as JSON.parse does', () => {
    expect(jsonArraySlices('{"results":[1],"x":{"results":[9]},"results":[2.50]}', 'results')).toEqual(['2.50']);
    expect(jsonArraySlices('{"re\\u0073ults":["a"]}', 'results')).toEqual(['"a"']);
  });

  it.each([
    ['no JSON', '[1', null],
    ['an object', '{}', null],
    ['no such member', '{"a":[]}', 'results'],
    ['a member that is no array', '{"results":{}}', 'results'],
    ['an array where an object was expected', '[]', 'results'],
    ['a name of every object', '{}', 'constructor'],
  ])('refuses %s', (_what, text, member) => {
    expect(() => jsonArraySlices(text, member)).toThrow(JsonShapeError);
  });
});
