import type { Mark } from '@relay/contracts';
import { entriesOf, type CatalogueEntry, type ParentRule } from '../entry.js';

/** Parts of a consultation: its items were seen to move without their own `modified`. */
const ofConsultation = (filter: string | null, listedIn: string | null, mark: Mark): ParentRule => ({
  resource: 'consultation',
  relation: 'consultation',
  filter,
  listedIn,
  mark,
});
const ofTreatmentPlan: ParentRule = {
  resource: 'treatmentplan',
  relation: 'treatmentplan',
  filter: 'treatmentplan__is',
  listedIn: null,
  mark: 'inferred',
};
/** The flat lists of items declare the filter, by a connector of others that was not tried at a live tenant. */
const flatItems = { modified: 'inferred', parent: ofConsultation('consultation__is', null, 'inferred') } as const;

export const CONSULTATIONS: readonly CatalogueEntry[] = [
  ...entriesOf('General: Consultations and its items', [
    ['consultation', 'L100 C R U', { modified: 'confirmed' }],
    [
      'consultationitem',
      'L R',
      // A filter by consultation was seen to be ignored here: the whole list comes back.
      {
        modified: 'confirmed',
        pageSize: 'observed',
        parent: ofConsultation(null, 'consultation_items', 'observed'),
        note: 'has no id member',
      },
    ],
    ['consultation_items/analysis', 'L150 C R600 U D', flatItems],
    ['consultation_items/medicine', 'L C R U D', flatItems],
    ['consultation_items/procedure', 'L C R U D', flatItems],
    ['consultation_items/supply', 'L C R U D', flatItems],
    ['consultation_items/food', 'L C R U D', flatItems],
    ['consultation_laboratory_referral', 'L150 C R500 U D', { note: 'its members are not known' }],
    ['consultation_sample', 'L C R U'],
    ['consultation_targetarea', 'L C R U D'],
    ['consultationorganism', 'L C R U D'],
    ['consultationantibiotic', 'L C R U D'],
    ['consultationantibioticpanel', 'L C R U D'],
    [
      'consultationitemtemplate',
      'L C R U',
      { modified: 'none', note: 'templates as they were used in a consultation' },
    ],
    ['triage', 'L R', { pace: 'fast' }],
    ['triage_entry', 'L R', { pace: 'fast' }],
    ['holdingplacenumbers', 'L C R U D', { pace: 'slow' }],
    ['nps', 'L C R', { pace: 'slow' }],
    ['treatmentplan', 'L C R', { note: 'also needs General: Patients and clients' }],
    ['treatmentplanmedicine', 'L C R', { parent: ofTreatmentPlan }],
    ['treatmentplanprocedure', 'L C R', { parent: ofTreatmentPlan }],
    ['treatmentplansupply', 'L C R', { parent: ofTreatmentPlan }],
    ['treatmentplanfood', 'L C R', { parent: ofTreatmentPlan }],
  ]),
  ...entriesOf('Diagnostic imaging: Diagnostic imaging referrals', [
    ['diagnosticimaging_worklist', 'L250 C R1000 U D'],
    ['diagnosticimaging_referral', 'L C R U D'],
  ]),
];
