import { entriesOf, type CatalogueEntry } from '../entry.js';

/** Reminders, tasks, notes and referrals. */
export const CARE: readonly CatalogueEntry[] = [
  ...entriesOf('General: Reminders', [['reminder', 'L C R U D', { modified: 'confirmed', note: 'has no id member' }]]),
  ...entriesOf('Settings: Reminder settings', [
    ['remindertemplate', 'L C R U D', { modified: 'confirmed', pace: 'slow' }],
  ]),
  ...entriesOf('General: Tasks', [['task', 'L C R U D', { pace: 'fast' }]]),
  ...entriesOf('General: Add notes and communication', [['note', 'L50 C R200 U600 D']]),
  ...entriesOf('Patient referrals: Patient referrals', [
    ['patient_referral', 'L C R U D'],
    ['patient_referral_feedback', 'L R'],
    ['referrer', 'L C R U D', { pace: 'slow' }],
  ]),
];
