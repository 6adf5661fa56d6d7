import { describe, expect, it } from 'vitest';
import { partsOf } from './parts-of.js';

const API = 'https://vet.example.com/17/api/0.1';
const ENABLED = ['invoice', 'invoicerow', 'invoicepayment'];
const read = (record: unknown, enabled = ENABLED) => partsOf('invoice', enabled)?.(JSON.stringify(record));

describe('the parts of an invoice', () => {
  it('are those that it lists, by address or embedded', () => {
    const invoice = {
      invoice_row: [`${API}/invoicerow/7/`, { url: `${API}/invoicerow/8/`, name: 'Bandage' }],
      invoice_payment: [`${API}/invoicepayment/3/`],
    };
    expect(read(invoice)).toEqual([
      { resource: 'invoicerow', recordId: '7' },
      { resource: 'invoicerow', recordId: '8' },
      { resource: 'invoicepayment', recordId: '3' },
    ]);
  });

  it('are only of what is relayed', () => {
    expect(read({ invoice_payment: [`${API}/invoicepayment/3/`] }, ['invoice', 'invoicerow'])).toEqual([]);
    expect(partsOf('invoice', ['invoice', 'client'])).toBeUndefined();
    expect(partsOf('client', ENABLED)).toBeUndefined();
  });

  it.each([
    [{}],
    [{ invoice_row: null }],
    [{ invoice_row: 'all' }],
    [{ invoice_row: [null, 7, {}, '', `${API}/consultationitem/7/`] }],
    ['no record'],
  ])('are none in %j', (record) => expect(read(record)).toEqual([]));

  it('of a consultation are listed too, where no filter finds them', () => {
    const text = JSON.stringify({ consultation_items: [`${API}/consultationitem/4/`] });
    expect(partsOf('consultation', ['consultationitem'])?.(text)).toEqual([
      { resource: 'consultationitem', recordId: '4' },
    ]);
  });
});
