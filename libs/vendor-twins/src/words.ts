/** Word lists of the generator. Some names need care with encoding and escaping, as real ones do. */
export const FIRST_NAMES = [
  'Aino',
  'Beatriz',
  'Callum',
  'Dagny',
  'Eamon',
  'Freya',
  'Gustav',
  'Hana',
  'Imre',
  'Jorun',
  'Kaya',
  'Leif',
  'Maeve',
  'Nils',
  'Oona',
  'Petra',
  'Quentin',
  'Rasmus',
  'Saoirse',
  'Tuomas',
  'Ulla',
  'Viggo',
  'Wenche',
  'Ximena',
  'Yusuf',
  'Zoë',
] as const;

export const LAST_NAMES = [
  'Aaltonen',
  'Brandt',
  'Castellanos',
  'Dahl',
  "O'Shea",
  'Fjellheim',
  'García',
  'Hämäläinen',
  'Iversen',
  'Jørgensen',
  'Kowalczyk',
  'Lindqvist',
  'MacLeod',
  'Nuñez',
  'Okafor',
  'Peltonen',
  'Quist',
  'Rasmussen',
  'Sørlie',
  'Tähtinen',
  'Underwood',
  'Van der Berg',
  'Whitfield',
  'Ødegård',
] as const;

export const STREETS = [
  'Harbour Road',
  'Mill Lane',
  'Birch Street',
  'Station Road',
  'Quarry Hill',
  'Lighthouse Way',
  'Orchard Close',
  'Weaver Street',
  'North Quay',
  'Chapel Row',
] as const;

export const CITIES = [
  { name: 'Tampere', zip: '33100', country: 'FI' },
  { name: 'Malmö', zip: '211 34', country: 'SE' },
  { name: 'Bergen', zip: '5003', country: 'NO' },
  { name: 'Leeds', zip: 'LS1 4DY', country: 'GB' },
  { name: 'Cork', zip: 'T12 W8RD', country: 'IE' },
  { name: 'Portland', zip: '97205', country: 'US' },
] as const;

export const ANIMAL_NAMES = [
  'Bramble',
  'Cosmo',
  'Dusty',
  'Fig',
  'Ginger',
  'Hazel',
  'Juno',
  'Kiwi',
  'Luna',
  'Muru',
  'Nacho',
  'Otso',
  'Pepper',
  'Rusty',
  'Socks',
  'Tiuhti',
  'Velvet',
  'Willow',
] as const;

export const SPECIES = [
  {
    name: 'Dog (Canine - Domestic)',
    code: 15461002,
    breeds: [
      ['Labrador Retriever', 14743002],
      ['Border Collie', 14406002],
      ['Crossbreed - Dog', 14491002],
    ],
  },
  {
    name: 'Cat (Feline - Domestic)',
    code: 15459002,
    breeds: [
      ['Domestic Short-haired', 15121002],
      ['Maine Coon', 15183002],
    ],
  },
  {
    name: 'Rabbit - Domestic',
    code: 15646002,
    breeds: [
      ['Netherland Dwarf', 15300002],
      ['Lop - Mini', 15275002],
    ],
  },
  {
    name: 'Horse (Equine)',
    code: 15529002,
    breeds: [
      ['Finnhorse', 15005002],
      ['Shetland Pony', 15078002],
    ],
  },
] as const;

export const COMPLAINTS = [
  'Limping on the left hind leg',
  'Annual vaccination',
  'Dental check',
  'Itching, worse at night',
  'Not eating since Monday',
  'Follow-up after surgery',
  'Cough for two weeks',
  'Weight control',
  'Eye discharge',
  'Vomiting "after treats"',
] as const;

export const VISIT_REASONS = ['Vaccination', 'Consultation', 'Dental', 'Surgery', 'Check-up', 'Blood sample'] as const;

export const PRACTICE_NAMES = ['Riverside', 'Old Mill', 'Park Lane', 'Castle', 'Bridge Street', 'Meadow'] as const;
