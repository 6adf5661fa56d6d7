import { group, type FurtherRow } from './further-row.js';

/**
 * The work with clients and patients: operations as letters with requests a minute (L list, C create, R read, U change, D delete), written
 * down from the vendor's endpoint catalogue of 2026-09-09.
 */
export const CLINIC_TABLE: readonly FurtherRow[] = [
  ...group('General: Patients and clients', [
    [
      'phonenumber',
      'L900 C900 R3600 U900 D300',
      { times: 'filtered', shape: 'person', relations: { client: 'client' }, fires: { changed: 65 } },
    ],
    ['alternative_payer', 'L C R U D', { shape: 'person', relations: { client: 'client' } }],
    [
      'client_communication_preferences',
      'L C R U D',
      { shape: 'status', relations: { client: 'client' }, fires: { changed: 44 } },
    ],
    [
      'client_communication_preference_row',
      'L C R U D',
      { shape: 'status', relations: { preferences: 'client_communication_preferences' } },
    ],
    ['custom_field_values', 'L C R U D', { shape: 'text' }],
    ['custom_fields', 'L R', { few: true }],
    ['importedhistory', 'L C R U D', { shape: 'text', relations: { patient: 'patient' } }],
    ['patienthealthplan', 'L C R U', { shape: 'status', relations: { patient: 'patient' }, fires: { changed: 54 } }],
    ['patienthealthplanitem', 'L R', { shape: 'line', relations: { patienthealthplan: 'patienthealthplan' } }],
    ['patienthealthplanitemgroup', 'L R', { relations: { patienthealthplan: 'patienthealthplan' } }],
    ['eprescription/prescription', 'L C R U', { shape: 'text', relations: { patient: 'patient' } }],
    ['general_prescription/written_prescription', 'L C R U D', { shape: 'text', relations: { patient: 'patient' } }],
    ['general_prescription/written_prescription_extras', 'L C R U D', { shape: 'text' }],
    ['form_assignment', 'L R', { shape: 'status' }],
    ['petmedchain/pet', 'L C R U D', { relations: { patient: 'patient' } }],
  ]),
  ...group('Calendar: Appointments', [
    [
      'appointment_reminder',
      'L C R U',
      { shape: 'message', relations: { appointment: 'appointment' }, fires: { created: 41, updated: 42, deleted: 43 } },
    ],
    ['onlinebookingclient', 'L C R', { shape: 'person' }],
    ['onlinebookingpatient', 'L C R', { relations: { client: 'onlinebookingclient' } }],
    ['preliminary_booking', 'L C R', { shape: 'span', relations: { department: 'department' } }],
  ]),
  ...group('Calendar: Shifts', [
    [
      'shift',
      'L C R U D',
      { times: 'none', shape: 'span', relations: { user: 'user', department: 'department', shift_type: 'shifttype' } },
    ],
    ['shifttype', 'L C R U', { times: 'none', hidesId: true, few: true }],
    ['shifttemplate', 'L C R U D', { few: true }],
  ]),
  ...group('Settings: Reasons', [
    ['reason', 'L C R U D', { times: 'none', few: true, relations: { group: 'reason_group' }, fires: { changed: 62 } }],
    [
      'reason_group',
      'L C R U D',
      { times: 'none', few: true, relations: { department: 'department' }, fires: { changed: 61 } },
    ],
    ['cancellationreason', 'L C R U D', { few: true }],
  ]),
  ...group('General: Consultations and its items', [
    [
      'consultationitem',
      'L R',
      {
        times: 'filtered',
        hidesId: true,
        shape: 'line',
        partOf: 'consultation',
        relations: { consultation: 'consultation', patient: 'patient' },
        fires: { changed: 5 },
      },
    ],
    [
      'consultation_items/analysis',
      'L150 C R600 U D',
      { times: 'filtered', shape: 'line', relations: { consultation: 'consultation' }, filters: ['consultation'] },
    ],
    [
      'consultation_items/medicine',
      'L C R U D',
      {
        times: 'filtered',
        shape: 'line',
        relations: { consultation: 'consultation', item: 'medicine' },
        filters: ['consultation'],
      },
    ],
    [
      'consultation_items/procedure',
      'L C R U D',
      {
        times: 'filtered',
        shape: 'line',
        relations: { consultation: 'consultation', item: 'procedure' },
        filters: ['consultation'],
      },
    ],
    [
      'consultation_items/supply',
      'L C R U D',
      {
        times: 'filtered',
        shape: 'line',
        relations: { consultation: 'consultation', item: 'supply' },
        filters: ['consultation'],
      },
    ],
    [
      'consultation_items/food',
      'L C R U D',
      {
        times: 'filtered',
        shape: 'line',
        relations: { consultation: 'consultation', item: 'food' },
        filters: ['consultation'],
      },
    ],
    [
      'consultation_laboratory_referral',
      'L150 C R500 U D',
      {
        shape: 'status',
        relations: { consultation: 'consultation' },
        bodyMember: 'laboratory_referral_id',
        fires: { changed: 16 },
      },
    ],
    ['consultation_sample', 'L C R U', { shape: 'status', relations: { consultation: 'consultation' } }],
    ['consultation_targetarea', 'L C R U D', { relations: { consultation: 'consultation' } }],
    ['consultationorganism', 'L C R U D', { relations: { consultation: 'consultation' } }],
    ['consultationantibiotic', 'L C R U D', { relations: { consultation: 'consultation' } }],
    ['consultationantibioticpanel', 'L C R U D', { relations: { consultation: 'consultation' } }],
    ['consultationitemtemplate', 'L C R U', { times: 'none', relations: { consultation: 'consultation' } }],
    ['triage', 'L R', { few: true }],
    ['triage_entry', 'L R', { shape: 'status', relations: { triage: 'triage' } }],
    ['holdingplacenumbers', 'L C R U D', { few: true }],
    ['nps', 'L C R', { shape: 'status' }],
    [
      'treatmentplan',
      'L C R',
      { shape: 'status', relations: { patient: 'patient' }, fires: { changed: 26, deleted: 29 } },
    ],
    [
      'treatmentplanmedicine',
      'L C R',
      {
        shape: 'line',
        relations: { treatmentplan: 'treatmentplan' },
        filters: ['treatmentplan'],
        fires: { changed: 27, deleted: 30 },
      },
    ],
    [
      'treatmentplanprocedure',
      'L C R',
      {
        shape: 'line',
        relations: { treatmentplan: 'treatmentplan' },
        filters: ['treatmentplan'],
        fires: { changed: 27, deleted: 30 },
      },
    ],
    [
      'treatmentplansupply',
      'L C R',
      {
        shape: 'line',
        relations: { treatmentplan: 'treatmentplan' },
        filters: ['treatmentplan'],
        fires: { changed: 27, deleted: 30 },
      },
    ],
    [
      'treatmentplanfood',
      'L C R',
      {
        shape: 'line',
        relations: { treatmentplan: 'treatmentplan' },
        filters: ['treatmentplan'],
        fires: { changed: 27, deleted: 30 },
      },
    ],
  ]),
  ...group('Diagnostic imaging: Diagnostic imaging referrals', [
    [
      'diagnosticimaging_worklist',
      'L250 C R1000 U D',
      {
        shape: 'status',
        relations: { patient: 'patient' },
        bodyMember: 'diagnosticimagingworklist_id',
        fires: { created: 6, updated: 7, deleted: 8 },
      },
    ],
    ['diagnosticimaging_referral', 'L C R U D', { shape: 'text', relations: { patient: 'patient' } }],
  ]),
  ...group('General: Reminders', [
    [
      'reminder',
      'L C R U D',
      {
        times: 'filtered',
        hidesId: true,
        shape: 'message',
        relations: { patient: 'patient', client: 'client', reminder_template: 'remindertemplate' },
        fires: { changed: 31, deleted: 24 },
      },
    ],
  ]),
  ...group('Settings: Reminder settings', [
    [
      'remindertemplate',
      'L C R U D',
      { times: 'filtered', few: true, shape: 'text', relations: { department: 'department' }, fires: { deleted: 25 } },
    ],
  ]),
  ...group('General: Tasks', [['task', 'L C R U D', { shape: 'text', relations: { patient: 'patient' } }]]),
  ...group('General: Add notes and communication', [
    ['note', 'L50 C R200 U600 D', { shape: 'text', relations: { client: 'client' }, fires: { changed: 40 } }],
  ]),
  ...group('Patient referrals: Patient referrals', [
    [
      'patient_referral',
      'L C R U D',
      { shape: 'status', relations: { patient: 'patient', referrer: 'referrer' }, fires: { changed: 18 } },
    ],
    [
      'patient_referral_feedback',
      'L R',
      { shape: 'text', relations: { patient_referral: 'patient_referral' }, fires: { changed: 38 } },
    ],
    ['referrer', 'L C R U D', { shape: 'person', few: true }],
  ]),
];
