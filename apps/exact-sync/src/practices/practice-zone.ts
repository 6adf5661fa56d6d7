import { offsetAt } from '@relay/sync-engine';

/**
 * Zones of the countries in which EXACT is sold, the most likely one first. The practice tells its country and the offset of
 * one moment, never a zone; the offset changes with daylight saving and is never added to anything.
 */
const ZONES_OF: Readonly<Record<string, readonly [string, ...string[]]>> = {
  GB: ['Europe/London'],
  IE: ['Europe/Dublin'],
  IM: ['Europe/Isle_of_Man'],
  JE: ['Europe/Jersey'],
  GG: ['Europe/Guernsey'],
  GI: ['Europe/Gibraltar'],
  BE: ['Europe/Brussels'],
  NL: ['Europe/Amsterdam'],
  FR: ['Europe/Paris'],
  DE: ['Europe/Berlin'],
  CY: ['Asia/Nicosia'],
  MT: ['Europe/Malta'],
  ZA: ['Africa/Johannesburg'],
  AE: ['Asia/Dubai'],
  BN: ['Asia/Brunei'],
  NZ: ['Pacific/Auckland', 'Pacific/Chatham'],
  AU: [
    'Australia/Sydney',
    'Australia/Brisbane',
    'Australia/Adelaide',
    'Australia/Darwin',
    'Australia/Perth',
    'Australia/Lord_Howe',
  ],
};

/** How countries are written, besides their two letters; which form the vendor uses is not published. */
const NAMES: Readonly<Record<string, string>> = {
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
  'ISLE OF MAN': 'IM',
  JERSEY: 'JE',
  GUERNSEY: 'GG',
  BEL: 'BE',
  BELGIUM: 'BE',
  NLD: 'NL',
  NETHERLANDS: 'NL',
  NZL: 'NZ',
  'NEW ZEALAND': 'NZ',
  AUS: 'AU',
  AUSTRALIA: 'AU',
  BRN: 'BN',
  BRUNEI: 'BN',
};

export interface PracticeZone {
  /** IANA name. */
  readonly zone: string;
  /** The country's two letters; practices of one country share their days off. `?` = not known. */
  readonly country: string;
}

/** Of a country that nobody knows nothing better can be said: its hours are learnt in UTC, an hour off in summer. */
const UNKNOWN: PracticeZone = { zone: 'UTC', country: '?' };

/** What is known of a practice that tells its zone. `observedAt`: the moment of which `utcOffsetMinutes` was true. */
export interface PracticeWhereabouts {
  readonly country: string | null;
  readonly utcOffsetMinutes?: number | null | undefined;
  readonly observedAt: string;
}

/** The zone of a practice: that of its country whose clocks showed that offset at that moment, else the most likely one. */
export function practiceZone(details: PracticeWhereabouts | null): PracticeZone {
  const written = details?.country?.trim().toUpperCase() ?? '';
  const country = NAMES[written] ?? written;
  const zones = Object.hasOwn(ZONES_OF, country) ? ZONES_OF[country] : undefined;
  if (details === null || zones === undefined) return UNKNOWN;
  const { utcOffsetMinutes: minutes, observedAt } = details;
  const at = Date.parse(observedAt);
  const fits = zones.find((zone) => typeof minutes === 'number' && offsetAt(zone, at) === minutes * 60_000);
  return { zone: fits ?? zones[0], country };
}
