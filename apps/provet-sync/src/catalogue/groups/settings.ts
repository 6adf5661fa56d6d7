import { entriesOf, type CatalogueEntry } from '../entry.js';

/** What administrators set. None of it is part of the default group of an integration. */
export const SETTINGS: readonly CatalogueEntry[] = [
  ...entriesOf('Settings: Integration settings', [
    ['custom_integration', 'L C R U D', { pace: 'rare', note: 'shows only what the same API user has made' }],
    ['logs/email', 'L R'],
    ['logs/sms', 'L R'],
    ['logs/integration_events', 'L C R', { pace: 'slow' }],
    ['modality', 'L R', { pace: 'rare' }],
    ['imagingcategory', 'L R', { pace: 'rare' }],
    ['imagingsubcategory', 'L R', { pace: 'rare' }],
    ['targetarea', 'L R', { pace: 'rare' }],
  ]),
  ...entriesOf('Settings: Department settings', [
    ['resource', 'L C R U', { pace: 'slow', note: 'rooms and machines of the calendar' }],
    ['settings/department', 'L R U', { pace: 'slow' }],
  ]),
  ...entriesOf('Settings: Organization settings', [
    ['settings/organization', 'L R U', { pace: 'slow' }],
    ['communication_preference_row', 'L C R U D', { pace: 'slow' }],
  ]),
  ...entriesOf('Settings: Settings page', [
    ['paymentmethod', 'L R', { pace: 'slow' }],
    ['text_template', 'L C R U', { pace: 'slow' }],
  ]),
  ...entriesOf('Settings: List and list items', [
    ['list', 'L C R U D', { pace: 'slow' }],
    ['listitem', 'L C R U', { pace: 'slow' }],
  ]),
  ...entriesOf('Settings: Tags', [['tag/tagtext', 'L C R U D', { pace: 'slow' }]]),
];
