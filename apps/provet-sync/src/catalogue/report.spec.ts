import { describe, expect, it } from 'vitest';
import { CATALOGUE, catalogueEntry } from './catalogue.js';
import { lacksOf } from './lacks.js';
import { nearestNames } from './nearest-names.js';
import { catalogueReport, catalogueTable } from './report.js';

const codes = (name: string, simulated = true) => lacksOf(catalogueEntry(name), simulated).map(({ code }) => code);
const all = new Set(CATALOGUE.map(({ name }) => name));

describe('what an entry lacks', () => {
  it.each([
    ['client', ['merge-unknown']],
    ['invoice', ['no-delete-trigger', 'trigger-inferred']],
    ['consultation', ['page-size-unknown']],
    ['consultationitem', ['no-delete-trigger', 'parent-filter-ignored']],
    ['invoicerow', ['no-trigger', 'trigger-inferred']],
    ['vatgroup', ['no-delta-field', 'no-trigger', 'no-delete-trigger', 'page-size-unknown', 'permission-unknown']],
    [
      'paymenttypeaccountingnumbers',
      ['no-delta-field', 'no-trigger', 'no-delete-trigger', 'no-detail', 'page-size-unknown'],
    ],
  ])('%s: %j', (name, expected) => expect(codes(name)).toEqual(expected));

  it('is also a place in the simulator', () => {
    expect(codes('client', false)).toContain('not-simulated');
  });
});

describe('the report', () => {
  it('has a line for every entry and every path that is left out', () => {
    const lines = catalogueTable(all).split('\n').slice(1);
    for (const { name } of CATALOGUE) expect(lines.filter((line) => line.split(/\s+/)[0] === name)).toHaveLength(1);
    expect(lines.join('\n')).toMatch(/hook\/webhook: .*keys/);
    expect(lines.join('\n')).not.toContain('not in the simulator');
    expect(catalogueTable(new Set())).toContain('not in the simulator');
  });

  it('tells programs the same', () => {
    const { resources } = catalogueReport(all) as { resources: { name: string; deleteTriggers: number[] }[] };
    expect(resources.map(({ name }) => name)).toEqual(CATALOGUE.map(({ name }) => name));
    expect(resources.find(({ name }) => name === 'client')).toMatchObject({
      changeTriggers: [1],
      deleteTriggers: [39],
    });
  });
});

describe('a name that is not in the catalogue', () => {
  it.each([
    ['clients', 'client'],
    ['stock/item', 'stock-item'],
    ['InvoiceRow', 'invoicerow'],
    ['appointement', 'appointment'],
  ])('%s is nearest to %s', (unknown, nearest) => expect(nearestNames(unknown)[0]).toBe(nearest));
});
