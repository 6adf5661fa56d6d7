import { entriesOf, type CatalogueEntry } from '../entry.js';

export const CALENDAR: readonly CatalogueEntry[] = [
  ...entriesOf('Calendar: Appointments', [
    ['appointment', 'L300 C500 R900 U500', { modified: 'confirmed', note: 'cancelled = active 0, not a deletion' }],
    ['appointment_reminder', 'L C R U'],
    ['onlinebookingclient', 'L C R'],
    ['onlinebookingpatient', 'L C R'],
    ['preliminary_booking', 'L C R', { pace: 'fast' }],
  ]),
  ...entriesOf('Calendar: Shifts', [
    ['shift', 'L C R U D', { modified: 'none' }],
    ['shifttype', 'L C R U', { modified: 'none', pace: 'rare' }],
    ['shifttemplate', 'L C R U D', { pace: 'rare' }],
  ]),
  ...entriesOf('Settings: Reasons', [
    ['reason', 'L C R U D', { modified: 'none', pace: 'slow' }],
    ['reason_group', 'L C R U D', { modified: 'none', pace: 'slow' }],
    ['cancellationreason', 'L C R U D', { pace: 'rare' }],
  ]),
];
