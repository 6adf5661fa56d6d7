import { entriesOf, type CatalogueEntry } from '../entry.js';

/** What a practice sells, and what it has in store. */
export const ITEMS_AND_STOCK: readonly CatalogueEntry[] = [
  ...entriesOf('Settings: Items', [
    ['item', 'L R U', { modified: 'confirmed', note: "spans all kinds: a medicine's url points to /medicine/" }],
    ['medicine', 'L C R U D', { modified: 'confirmed' }],
    ['procedure', 'L C R U D', { modified: 'confirmed' }],
    ['supply', 'L C R U D', { modified: 'confirmed' }],
    ['food', 'L C R U D', { modified: 'confirmed' }],
    ['laboratoryanalysis', 'L150 C R600 U D', { modified: 'confirmed' }],
    ['laboratoryanalysispanel', 'L C R U D', { modified: 'confirmed' }],
    ['laboratoryanalysisgroup', 'L C R U D', { modified: 'none', pace: 'slow' }],
    ['invoicegroup', 'L C R U D', { pace: 'slow' }],
    ['itemsubgroup', 'L C R U D', { pace: 'slow' }],
    ['alternativepricing', 'L C R U D', { pace: 'slow' }],
    ['itemlist', 'L C R U', { modified: 'none', pace: 'slow' }],
    ['antibiotic', 'L R', { pace: 'rare' }],
    ['organism', 'L R', { pace: 'rare' }],
  ]),
  ...entriesOf('Settings: Templates', [
    ['itemtemplate', 'L C R U D', { modified: 'none', pace: 'slow' }],
    ['itemtemplateitem', 'L C R U D', { modified: 'none', pace: 'slow' }],
  ]),
  ...entriesOf('Settings: Stock', [
    ['stock/batch', 'L C R U'],
    ['stock/entry', 'L C R U'],
    ['stock/item', 'L C R U'],
    ['stock/location', 'L C R U', { pace: 'slow' }],
    ['stocklevel', 'L C R U'],
    ['order', 'L C R U'],
    [
      'orderitem',
      'L C R U D',
      {
        parent: { resource: 'order', relation: 'order', filter: 'order__is', listedIn: null, mark: 'inferred' },
      },
    ],
    ['wholesaler', 'L C R U D', { pace: 'slow' }],
  ]),
  ...entriesOf('Settings: Health plan settings', [
    ['healthplan', 'L C R U', { pace: 'slow' }],
    ['healthplanitem', 'L C R U', { pace: 'slow' }],
    ['healthplanitemgroup', 'L C R U', { pace: 'slow' }],
  ]),
  ...entriesOf('Settings: Discount settings', [['discountscheme', 'L C R U D', { pace: 'slow' }]]),
];
