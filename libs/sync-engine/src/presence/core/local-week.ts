/** The week is learnt in half hours: fine enough for an opening at half past eight, and 336 characters long. */
export const SLOT_MS = 1_800_000;
export const SLOTS_OF_DAY = 48;
export const SLOTS_OF_WEEK = 7 * SLOTS_OF_DAY;

/** 1 January 1970 was a Thursday; the week begins with Monday. */
const SLOTS_BEFORE_EPOCH = 3 * SLOTS_OF_DAY;
/** Clocks are changed at quarters of an hour at the most. */
const OFFSET_HOLDS_MS = 900_000;
const MOST_OFFSETS = 4_096;

interface Zone {
  readonly format: Intl.DateTimeFormat;
  readonly offsets: Map<number, number>;
}

const zones = new Map<string, Zone>();

/** What local clocks of an IANA zone show beyond UTC at an instant, in ms. A zone that is not known is UTC. */
export function offsetAt(zone: string, instant: number): number {
  const known = zoneOf(zone);
  const bucket = Math.floor(instant / OFFSET_HOLDS_MS);
  const cached = known.offsets.get(bucket);
  if (cached !== undefined) return cached;
  if (known.offsets.size >= MOST_OFFSETS) known.offsets.clear();
  const offset = readOffset(known.format, bucket * OFFSET_HOLDS_MS);
  known.offsets.set(bucket, offset);
  return offset;
}

/** The half hour of a zone's own calendar that an instant lies in, counted on from 1970; never falls but when clocks do. */
export function slotAt(zone: string, instant: number): number {
  return Math.floor((instant + offsetAt(zone, instant)) / SLOT_MS);
}

/** When a half hour of a zone's own calendar begins; one that clocks skip begins when they are put on. */
export function slotStart(zone: string, slot: number): number {
  const local = slot * SLOT_MS;
  const guess = local - offsetAt(zone, local);
  return local - offsetAt(zone, guess);
}

/** Its place in the week, from 0 on Monday at midnight. */
export function slotOfWeek(slot: number): number {
  return (((slot + SLOTS_BEFORE_EPOCH) % SLOTS_OF_WEEK) + SLOTS_OF_WEEK) % SLOTS_OF_WEEK;
}

function zoneOf(name: string): Zone {
  let zone = zones.get(name);
  if (zone === undefined) zones.set(name, (zone = { format: formatOf(name), offsets: new Map() }));
  return zone;
}

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const parts = {
    calendar: 'iso8601',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  } as const;
  try {
    return new Intl.DateTimeFormat('en', { ...parts, timeZone });
  } catch {
    return new Intl.DateTimeFormat('en', { ...parts, timeZone: 'UTC' });
  }
}

function readOffset(format: Intl.DateTimeFormat, instant: number): number {
  const shown: Record<string, number> = {};
  for (const { type, value } of format.formatToParts(instant)) shown[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = shown;
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(instant / 1000) * 1000;
}
