import type { Mark } from '@relay/contracts';
import { entriesOf, type CatalogueEntry, type ParentRule } from '../entry.js';

/** Parts of an invoice: lines were seen to be left out when they were asked for by their own `modified`. */
const ofInvoice = (listedIn: string, mark: Mark): ParentRule => ({
  resource: 'invoice',
  relation: 'invoice',
  filter: 'invoice__is',
  listedIn,
  mark,
});

export const FINANCIAL: readonly CatalogueEntry[] = [
  ...entriesOf('Financial: Invoices', [
    ['invoice', 'L60 R250 U150', { modified: 'confirmed', pageSize: 'observed' }],
    [
      'invoicerow',
      'L R',
      {
        modified: 'confirmed',
        pageSize: 'observed',
        parent: ofInvoice('invoice_row', 'confirmed'),
        note: 'has no id member; the number of trigger 23 is inferred',
      },
    ],
    ['invoicerow_vatgroup', 'L R'],
    ['invoicerow_draft', 'L R'],
    ['invoicepayment', 'L C R U', { parent: ofInvoice('invoice_payment', 'inferred') }],
    ['unallocatedpayment', 'L200 C R800'],
    ['countersale', 'L C R U D', { pace: 'fast' }],
    ['accountnumber', 'L R', { pace: 'rare' }],
    ['journal_entry', 'L R'],
    ['journal_transaction', 'L R'],
    ['journal_transaction_problem', 'L R'],
    ['journal_report_log', 'L R D', { pace: 'slow' }],
    ['archived_invoice', 'L C R U', { pace: 'slow' }],
    ['fiscal_data', 'L C R U D'],
  ]),
  ...entriesOf('Financial: End of day and accounting reports', [
    ['accountingreport', 'L R', { pace: 'slow' }],
    ['endofdayreport', 'L R', { pace: 'slow' }],
    ['cashbookentry', 'L R'],
    ['paymenttypeaccountingnumbers', 'L', { pace: 'rare', note: 'its operations are not known: a list is assumed' }],
  ]),
  ...entriesOf('Financial: Estimates', [
    ['estimate', 'L R'],
    [
      'estimateitem',
      'L R',
      {
        parent: {
          resource: 'estimate',
          relation: 'estimate',
          filter: 'estimate__is',
          listedIn: null,
          mark: 'inferred',
        },
      },
    ],
  ]),
  ...entriesOf('Financial: Insurance claims', [
    ['insuranceclaim', 'L R U'],
    ['insuranceclaimclient', 'L R'],
    ['insuranceclaimpatient', 'L R'],
  ]),
];
