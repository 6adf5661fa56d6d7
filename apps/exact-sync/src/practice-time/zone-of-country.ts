/*
 * Time zones by country, as data. The vendor tells of a practice's zone only how far it is from UTC at this moment, which is
 * wrong after the next change of clocks; the country tells for the whole year.
 */

/** The vendor's markets, by ISO 3166-1 alpha-2. Where a country has several zones, that of most of its people. */
const ZONES: Readonly<Record<string, string>> = {
  GB: 'Europe/London',
  IE: 'Europe/Dublin',
  NZ: 'Pacific/Auckland',
  AU: 'Australia/Sydney',
  BE: 'Europe/Brussels',
  NL: 'Europe/Amsterdam',
  LU: 'Europe/Luxembourg',
  FR: 'Europe/Paris',
  DE: 'Europe/Berlin',
  ES: 'Europe/Madrid',
  PT: 'Europe/Lisbon',
  BN: 'Asia/Brunei',
  SG: 'Asia/Singapore',
  MY: 'Asia/Kuala_Lumpur',
  IM: 'Europe/Isle_of_Man',
  JE: 'Europe/Jersey',
  GG: 'Europe/Guernsey',
  ZA: 'Africa/Johannesburg',
  US: 'America/New_York',
  CA: 'America/Toronto',
};

/** Parts of a country that keep another time, as `countrySubdivision` may name them. */
const SUBDIVISIONS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  AU: {
    NSW: 'Australia/Sydney',
    VIC: 'Australia/Melbourne',
    QLD: 'Australia/Brisbane',
    SA: 'Australia/Adelaide',
    WA: 'Australia/Perth',
    TAS: 'Australia/Hobart',
    NT: 'Australia/Darwin',
    ACT: 'Australia/Sydney',
  },
};

/** Other spellings that countries are met in: the vendor publishes no form. */
const SPELLINGS: Readonly<Record<string, string>> = {
  UK: 'GB',
  GBR: 'GB',
  'UNITED KINGDOM': 'GB',
  'GREAT BRITAIN': 'GB',
  ENGLAND: 'GB',
  SCOTLAND: 'GB',
  WALES: 'GB',
  'NORTHERN IRELAND': 'GB',
  IRL: 'IE',
  IRELAND: 'IE',
  'REPUBLIC OF IRELAND': 'IE',
  NZL: 'NZ',
  'NEW ZEALAND': 'NZ',
  AUS: 'AU',
  AUSTRALIA: 'AU',
  BEL: 'BE',
  BELGIUM: 'BE',
  NLD: 'NL',
  NETHERLANDS: 'NL',
  'ISLE OF MAN': 'IM',
  BRUNEI: 'BN',
};

/** Of a practice whose country is not known: where most of the vendor's practices are. */
export const USUAL_ZONE = 'Europe/London';

/** IANA name of a practice's time zone; null for a country that is not in the table. */
export function zoneOfCountry(country: string | null, subdivision: string | null = null): string | null {
  if (country === null) return null;
  const text = country.trim().toUpperCase();
  const code = SPELLINGS[text] ?? text;
  const part = (subdivision ?? '')
    .trim()
    .toUpperCase()
    .replace(/^[A-Z]{2}-/, '');
  return SUBDIVISIONS[code]?.[part] ?? ZONES[code] ?? null;
}
