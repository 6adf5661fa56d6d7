import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../../local/services.ts';
import { ALL_TRAPS } from './all-traps.ts';
import { firstLine } from './prove-trap.ts';
import { renderTraps } from './render-traps.ts';
import { readShown } from './shown-traps.ts';
import { keyOf, type TrapTest } from './trap.ts';

const source = (file: string): string => readFileSync(join(ROOT, file), 'utf8');
const traps = ALL_TRAPS.flatMap((vendor) => vendor.traps);
const all = traps.flatMap(({ tests, disabled }) => [...tests, ...disabled.map(({ fails }) => fails)]);
const disabled = traps.flatMap((trap) => trap.disabled);

/** A title as it may be quoted in a test's file. */
const stands = ({ file, name }: TrapTest): boolean => {
  const text = source(file);
  return [`'${name}'`, `"${name}"`, `\`${name}\``].some(
    (title) =>
      text.includes(`(${title}`) ||
      text.includes(`\n    ${title},`) ||
      text.includes(`\n      ${title},`) ||
      text.includes(`\n  ${title},`),
  );
};

describe('the traps of the vendors’ references', () => {
  it('are all there, each with a test and with a handling that can be taken out', () => {
    const upTo = (most: number): number[] => Array.from({ length: most }, (_, index) => index + 1);
    expect(ALL_TRAPS.map((vendor) => vendor.traps.map(({ number }) => number))).toEqual([upTo(30), upTo(23)]);
    for (const trap of traps) {
      expect(trap.tests.length, `trap ${trap.number}`).toBeGreaterThan(0);
      expect(trap.disabled.length, `trap ${trap.number}`).toBeGreaterThan(0);
    }
  });

  it('name tests that exist', () => {
    expect(all.filter((test) => !stands(test)).map(({ file, name }) => `${file}: ${name}`)).toEqual([]);
  });

  it('are handled where the page says: what is taken out stands there exactly once', () => {
    const strange = disabled.filter(({ file, find }) => source(file).split(find).length !== 2);
    expect(strange.map(({ file, find }) => `${file}: ${find}`)).toEqual([]);
  });

  it('were each shown to fail their test when the handling is taken out (npm run traps)', () => {
    const shown = readShown();
    expect(disabled.filter((one) => shown[keyOf(one)] === undefined).map(keyOf)).toEqual([]);
    expect(Object.keys(shown).sort()).toEqual([...new Set(disabled.map(keyOf))].sort());
  });
});

describe('the page of traps', () => {
  it('says what was seen, and what was not', () => {
    const [trap] = traps;
    const [one] = trap?.disabled ?? [];
    if (trap === undefined || one === undefined) throw new Error('there is no trap');
    const page = [{ name: 'v', title: 'V', traps: [trap] }];
    expect(renderTraps(page, {})).toContain('not shown yet');
    expect(renderTraps(page, { [keyOf(one)]: { failed: 2, saw: 'expected `a`' } })).toContain(
      '2 failed: `` expected `a` ``',
    );
  });

  it('shows nothing of the machine it was made on', () => {
    expect(firstLine(`\u001B[31mError:\u001B[39m ${ROOT}/libs/x at http://127.0.0.1:4711/\nmore`)).toBe(
      'Error: /libs/x at http://127.0.0.1:…/',
    );
  });
});
