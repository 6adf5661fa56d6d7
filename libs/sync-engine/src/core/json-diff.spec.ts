import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseExact, sameJson, type ExactJson } from './exact-json.js';
import { jsonDifference } from './json-diff.js';

const diff = (a: unknown, b: unknown) => jsonDifference(parseExact(JSON.stringify(a)), parseExact(JSON.stringify(b)));

describe('jsonDifference', () => {
  it.each([
    ['nothing', { a: 1 }, { a: 1 }, [], {}],
    ['a member', { a: 1, b: 1 }, { a: 2, b: 1 }, ['/a'], { '/a': 1 }],
    ['the deepest member', { a: { b: { c: 1, d: 2 } } }, { a: { b: { c: 9, d: 2 } } }, ['/a/b/c'], { '/a/b/c': 1 }],
    ['an array whole', { a: [1, 2, 3] }, { a: [1, 2, 4] }, ['/a'], { '/a': [1, 2, 3] }],
    ['a new member', {}, { a: 1 }, ['/a'], {}],
    ['a removed member', { a: null }, {}, ['/a'], { '/a': null }],
    ['an object that becomes null', { a: { b: 1 } }, { a: null }, ['/a'], { '/a': { b: 1 } }],
    ['names with slashes and tildes', { 'a/b~c': 1 }, { 'a/b~c': 2 }, ['/a~1b~0c'], { '/a~1b~0c': 1 }],
    ['an empty name', { '': 1 }, { '': 2 }, ['/'], { '/': 1 }],
    ['names of every object', { toString: 1 }, {}, ['/toString'], { '/toString': 1 }],
  ])('finds %s', (_what, before, after, pointers, previous) => {
    const found = diff(before, after);
    expect(found.pointers).toEqual(pointers);
    expect(found.previous).toEqual(previous);
  });

  it('names pointers that lead to different values, and only such', () => {
    fc.assert(
      fc.property(fc.object(), fc.object(), (a, b) => {
        const [before, after] = [parseExact(JSON.stringify(a)), parseExact(JSON.stringify(b))];
        const { pointers } = jsonDifference(before, after);
        expect(pointers.length === 0).toBe(sameJson(before, after));
        expect(new Set(pointers).size).toBe(pointers.length);
        for (const pointer of pointers) expect(sameJson(at(before, pointer), at(after, pointer))).toBe(false);
      }),
    );
  });
});

function at(value: ExactJson, pointer: string): ExactJson | undefined {
  let found: ExactJson | undefined = value;
  for (const part of pointer.split('/').slice(1)) {
    const name = part.replaceAll('~1', '/').replaceAll('~0', '~');
    const holder = found as Record<string, ExactJson>;
    found = Object.hasOwn(holder, name) ? holder[name] : undefined;
  }
  return found;
}
