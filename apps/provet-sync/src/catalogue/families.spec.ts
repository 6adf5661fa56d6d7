import { describe, expect, it } from 'vitest';
import { familiesOf, relatedId, wholeReader } from './families.js';
import { mergeReading } from './merge-reading.js';

const API = 'https://vet.example.com/17/api/0.1';

describe('families', () => {
  it('are the relayed parts that no member of their whole lists', () => {
    const enabled = ['order', 'orderitem', 'invoice', 'invoicerow', 'treatmentplanfood', 'treatmentplansupply'];
    expect(familiesOf('order', enabled)).toEqual(['orderitem']);
    expect(familiesOf('treatmentplan', enabled)).toEqual(['treatmentplanfood', 'treatmentplansupply']);
    // Its rows are listed by the invoice itself.
    expect(familiesOf('invoice', enabled)).toBeUndefined();
    expect(familiesOf('order', ['order'])).toBeUndefined();
  });

  it('name their whole', () => {
    const read = wholeReader('orderitem');
    expect(read?.(JSON.stringify({ order: `${API}/order/7/` }))).toBe('7');
    expect(read?.(JSON.stringify({ order: null }))).toBeNull();
    expect(read?.('no record')).toBeNull();
    expect(wholeReader('invoicerow')).toBeUndefined();
    expect(wholeReader('client')).toBeUndefined();
  });

  it.each([
    [`${API}/order/7/`, '7'],
    ['7', '7'],
    [7, '7'],
    [{ url: `${API}/order/7/`, name: 'x' }, '7'],
    ['', null],
    ['../', null],
    [null, null],
    [[7], null],
    [undefined, null],
  ])('read %j as %j', (value, id) => expect(relatedId(value)).toBe(id));
});

describe('merges of patients', () => {
  const merges = mergeReading('patient');

  it('show in the alias by its survivor, in the survivor by its aliases', () => {
    expect(merges?.isAlias(JSON.stringify({ merge_patient: `${API}/patient/4/` }))).toBe(true);
    expect(merges?.isAlias(JSON.stringify({ merge_patient: null }))).toBe(false);
    expect(merges?.isAlias('{}')).toBe(false);
    const survivor = { merged_patient: [`${API}/patient/5/`, { url: `${API}/patient/6/` }, null] };
    expect(merges?.aliasesOf(JSON.stringify(survivor))).toEqual(['5', '6']);
    expect(merges?.aliasesOf('{"merged_patient":null}')).toEqual([]);
  });

  it('are not known to show in any member of a client', () => {
    expect(mergeReading('client')).toBeUndefined();
    expect(mergeReading('invoice')).toBeUndefined();
  });
});
