import { group, type FurtherRow } from './further-row.js';

/**
 * Money, stock, settings and people: operations as letters with requests a minute (L list, C create, R read, U change, D delete), written
 * down from the vendor's endpoint catalogue of 2026-09-09.
 */
export const BUSINESS_TABLE: readonly FurtherRow[] = [
  ...group('Financial: Invoices', [
    [
      'invoicerow',
      'L R',
      {
        times: 'filtered',
        hidesId: true,
        shape: 'line',
        partOf: 'invoice',
        relations: { invoice: 'invoice', consultation_item: 'consultationitem', patient: 'patient' },
        filters: ['invoice'],
        fires: { deleted: 23 },
      },
    ],
    ['invoicerow_vatgroup', 'L R', { relations: { invoicerow: 'invoicerow' } }],
    ['invoicerow_draft', 'L R', { shape: 'line' }],
    [
      'invoicepayment',
      'L C R U',
      {
        shape: 'money',
        partOf: 'invoice',
        relations: { invoice: 'invoice' },
        filters: ['invoice'],
        fires: { changed: 11 },
      },
    ],
    ['unallocatedpayment', 'L200 C R800', { shape: 'money', relations: { client: 'client' }, fires: { changed: 12 } }],
    ['countersale', 'L C R U D', { shape: 'money', relations: { client: 'client' } }],
    ['accountnumber', 'L R', { few: true }],
    ['journal_entry', 'L R', { shape: 'money' }],
    ['journal_transaction', 'L R', { shape: 'money' }],
    ['journal_transaction_problem', 'L R', { shape: 'text' }],
    ['journal_report_log', 'L R D', { shape: 'status' }],
    ['archived_invoice', 'L C R U', { shape: 'money', relations: { client: 'client' } }],
    ['fiscal_data', 'L C R U D', { shape: 'text', relations: { invoice: 'invoice' } }],
  ]),
  ...group('Financial: End of day and accounting reports', [
    ['accountingreport', 'L R', { shape: 'status', relations: { department: 'department' }, fires: { changed: 14 } }],
    ['endofdayreport', 'L R', { shape: 'status', relations: { department: 'department' }, fires: { changed: 68 } }],
    ['cashbookentry', 'L R', { shape: 'money', relations: { department: 'department' }, fires: { changed: 67 } }],
    ['paymenttypeaccountingnumbers', 'L', { times: 'none', few: true }],
  ]),
  ...group('Financial: Estimates', [
    ['estimate', 'L R', { shape: 'money', relations: { client: 'client' } }],
    ['estimateitem', 'L R', { shape: 'line', relations: { estimate: 'estimate' }, filters: ['estimate'] }],
  ]),
  ...group('Financial: Insurance claims', [
    ['insuranceclaim', 'L R U', { shape: 'status', relations: { client: 'client' }, fires: { changed: 13 } }],
    ['insuranceclaimclient', 'L R', { shape: 'person', relations: { insuranceclaim: 'insuranceclaim' } }],
    ['insuranceclaimpatient', 'L R', { relations: { insuranceclaim: 'insuranceclaim' } }],
  ]),
  ...group('Settings: Items', [
    [
      'item',
      'L R U',
      {
        times: 'filtered',
        shape: 'line',
        relations: { item_list: 'itemlist', vat_group: 'vatgroup' },
        omits: ['code', 'price_with_vat', 'sum_vat'],
        bodyMember: 'organizationitem_id',
        fires: { changed: 15 },
      },
    ],
    [
      'medicine',
      'L C R U D',
      { times: 'filtered', shape: 'line', relations: { item_list: 'itemlist' }, fires: { changed: 32 } },
    ],
    [
      'procedure',
      'L C R U D',
      { times: 'filtered', shape: 'line', relations: { item_list: 'itemlist' }, fires: { changed: 35 } },
    ],
    [
      'supply',
      'L C R U D',
      { times: 'filtered', shape: 'line', relations: { item_list: 'itemlist' }, fires: { changed: 33 } },
    ],
    [
      'food',
      'L C R U D',
      { times: 'filtered', shape: 'line', relations: { item_list: 'itemlist' }, fires: { changed: 34 } },
    ],
    [
      'laboratoryanalysis',
      'L150 C R600 U D',
      { times: 'filtered', shape: 'line', relations: { item_list: 'itemlist' }, fires: { changed: 36 } },
    ],
    [
      'laboratoryanalysispanel',
      'L C R U D',
      { times: 'filtered', shape: 'line', relations: { item_list: 'itemlist' }, fires: { changed: 37 } },
    ],
    ['laboratoryanalysisgroup', 'L C R U D', { times: 'none', few: true }],
    ['invoicegroup', 'L C R U D', { few: true }],
    ['itemsubgroup', 'L C R U D', { few: true }],
    ['alternativepricing', 'L C R U D', { few: true }],
    ['itemlist', 'L C R U', { times: 'none', few: true }],
    ['antibiotic', 'L R', { few: true }],
    ['organism', 'L R', { few: true }],
  ]),
  ...group('Settings: Templates', [
    ['itemtemplate', 'L C R U D', { times: 'none', few: true, relations: { item_list: 'itemlist' } }],
    ['itemtemplateitem', 'L C R U D', { times: 'none', shape: 'line', relations: { template: 'itemtemplate' } }],
  ]),
  ...group('Settings: Stock', [
    ['stock/batch', 'L C R U', { shape: 'status', relations: { item: 'stock-item' } }],
    [
      'stock/entry',
      'L C R U',
      { shape: 'line', relations: { item: 'stock-item' }, fires: { changed: 48, deleted: 49 } },
    ],
    ['stock/item', 'L C R U', { relations: { location: 'stock-location' } }],
    ['stock/location', 'L C R U', { few: true, relations: { department: 'department' } }],
    ['stocklevel', 'L C R U', { shape: 'line', relations: { item: 'stock-item' } }],
    [
      'order',
      'L C R U',
      { shape: 'status', relations: { wholesaler: 'wholesaler' }, fires: { changed: 46, deleted: 47 } },
    ],
    [
      'orderitem',
      'L C R U D',
      { shape: 'line', relations: { order: 'order' }, filters: ['order'], fires: { changed: 52, deleted: 53 } },
    ],
    ['wholesaler', 'L C R U D', { few: true }],
  ]),
  ...group('Settings: Health plan settings', [
    ['healthplan', 'L C R U', { few: true }],
    ['healthplanitem', 'L C R U', { shape: 'line', relations: { healthplan: 'healthplan' } }],
    ['healthplanitemgroup', 'L C R U', { few: true, relations: { healthplan: 'healthplan' } }],
  ]),
  ...group('Settings: Discount settings', [['discountscheme', 'L C R U D', { few: true, shape: 'titled' }]]),
  ...group('Settings: Integration settings', [
    ['custom_integration', 'L C R U D', { few: true }],
    [
      'logs/email',
      'L R',
      { shape: 'message', relations: { client: 'client' }, bodyMember: 'email_log_id', fires: { changed: 20 } },
    ],
    ['logs/sms', 'L R', { shape: 'message', relations: { client: 'client' }, fires: { changed: 19 } }],
    ['logs/integration_events', 'L C R', { shape: 'text' }],
    ['modality', 'L R', { few: true }],
    ['imagingcategory', 'L R', { few: true }],
    ['imagingsubcategory', 'L R', { few: true, relations: { category: 'imagingcategory' } }],
    ['targetarea', 'L R', { few: true }],
  ]),
  ...group('Settings: Department settings', [
    ['resource', 'L C R U', { few: true, relations: { department: 'department' } }],
    [
      'settings/department',
      'L R U',
      { shape: 'status', partOf: 'department', relations: { department: 'department' }, fires: { changed: 63 } },
    ],
  ]),
  ...group('Settings: Organization settings', [
    ['settings/organization', 'L R U', { few: true, shape: 'status', fires: { changed: 64 } }],
    ['communication_preference_row', 'L C R U D', { few: true, shape: 'status' }],
  ]),
  ...group('Settings: Settings page', [
    ['paymentmethod', 'L R', { few: true }],
    ['text_template', 'L C R U', { few: true, shape: 'text' }],
  ]),
  ...group('Settings: List and list items', [
    ['list', 'L C R U D', { few: true }],
    ['listitem', 'L C R U', { relations: { list: 'list' } }],
  ]),
  ...group('Settings: Tags', [['tag/tagtext', 'L C R U D', { few: true }]]),
  ...group('Profile: User profile page', [
    ['userdetails', 'L C R U D', { times: 'none', shape: 'person', partOf: 'user', relations: { user: 'user' } }],
    ['usergroup', 'L R', { times: 'none', few: true }],
  ]),
  ...group(null, [
    ['departmentgroup', 'L R', { few: true }],
    ['vatgroup', 'L R', { times: 'none', hidesId: true, few: true, shape: 'titled' }],
    ['contenttype', 'L R', { times: 'none', few: true }],
    ['codelist/species', 'L R U', { few: true }],
    ['codelist/breeds', 'L R U', { few: true }],
    ['codelist/diagnoses', 'L R U', { few: true }],
    ['codelist/insurancecompanies', 'L R U', { few: true }],
    ['personnel_group', 'L C R U', { few: true }],
    ['upload', 'L R', { shape: 'text' }],
    ['treatment_plan/department', 'L300 R1200', { partOf: 'department' }],
  ]),
];
