import { entriesOf, type CatalogueEntry } from '../entry.js';

/** Users, departments, and lists that everybody may read. */
export const PEOPLE_AND_LISTS: readonly CatalogueEntry[] = [
  ...entriesOf('Profile: User profile page', [
    ['user', 'L C R U', { modified: 'none' }],
    ['userdetails', 'L C R U D', { modified: 'none', volatile: ['picture'], note: 'its id is not that of the user' }],
    ['usergroup', 'L R', { modified: 'none', pace: 'slow' }],
  ]),
  ...entriesOf(null, [
    ['department', 'L300 R1200', { modified: 'none', pace: 'slow' }],
    ['departmentgroup', 'L R', { pace: 'rare' }],
    ['vatgroup', 'L R', { modified: 'none', pace: 'rare', note: 'has no id member' }],
    ['contenttype', 'L R', { pace: 'rare' }],
    ['codelist/species', 'L R U', { pace: 'rare' }],
    ['codelist/breeds', 'L R U', { pace: 'rare' }],
    ['codelist/diagnoses', 'L R U', { pace: 'rare' }],
    ['codelist/insurancecompanies', 'L R U', { pace: 'rare' }],
    ['personnel_group', 'L C R U', { pace: 'slow' }],
    ['upload', 'L R', { pace: 'slow' }],
    ['treatment_plan/department', 'L300 R1200', { pace: 'slow' }],
  ]),
];
