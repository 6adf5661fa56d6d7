import { entriesOf, type CatalogueEntry } from '../entry.js';

export const PATIENTS_AND_CLIENTS: readonly CatalogueEntry[] = entriesOf('General: Patients and clients', [
  [
    'client',
    'L125 C R500 U200 D',
    {
      modified: 'confirmed',
      pageSize: 'confirmed',
      // No member of a client is known to tell of a merge: the alias is simply not there any more.
      merge: { survivorMember: null, aliasesMember: null, mark: 'unknown' },
    },
  ],
  [
    'patient',
    'L300 C250 R1200 U250 D',
    {
      modified: 'confirmed',
      merge: { survivorMember: 'merge_patient', aliasesMember: 'merged_patient', mark: 'inferred' },
      // An address at the media storage, signed anew for every answer; a new picture also moves `modified`.
      volatile: ['picture'],
    },
  ],
  ['phonenumber', 'L900 C900 R3600 U900 D300', { modified: 'confirmed' }],
  ['alternative_payer', 'L C R U D', { pace: 'slow' }],
  ['client_communication_preferences', 'L C R U D'],
  ['client_communication_preference_row', 'L C R U D'],
  ['custom_field_values', 'L C R U D'],
  ['custom_fields', 'L R', { pace: 'rare', note: 'definitions of custom fields' }],
  ['importedhistory', 'L C R U D', { pace: 'rare' }],
  ['patienthealthplan', 'L C R U'],
  ['patienthealthplanitem', 'L R'],
  ['patienthealthplanitemgroup', 'L R'],
  ['eprescription/prescription', 'L C R U'],
  ['general_prescription/written_prescription', 'L C R U D'],
  ['general_prescription/written_prescription_extras', 'L C R U D'],
  ['form_assignment', 'L R'],
  ['petmedchain/pet', 'L C R U D', { pace: 'slow' }],
]);
