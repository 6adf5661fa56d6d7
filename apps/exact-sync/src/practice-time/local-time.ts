const MINUTE = 60_000;
const DAY = 86_400_000;

/** A zone's own clock and calendar at an instant. */
export interface LocalTime {
  readonly year: number;
  /** From 1. */
  readonly month: number;
  readonly day: number;
  /** 0 = Sunday. */
  readonly weekday: number;
  /** Of the day, from 0. On a day of 23 or 25 hours, as clocks show it. */
  readonly minute: number;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(timeZone: string): Intl.DateTimeFormat {
  let format = formats.get(timeZone);
  if (format === undefined) {
    const numbers = { year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric' } as const;
    format = new Intl.DateTimeFormat('en-GB', { ...numbers, timeZone, hourCycle: 'h23', second: 'numeric' });
    formats.set(timeZone, format);
  }
  return format;
}

/** Milliseconds by which a zone's clock is ahead of UTC at an instant. */
function offsetAt(zone: string, instant: number): number {
  const shown = new Map(
    formatOf(zone)
      .formatToParts(instant)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const part = (name: Intl.DateTimeFormatPartTypes): number => shown.get(name) ?? 0;
  const local = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'));
  return local - Math.floor(instant / 1_000) * 1_000;
}

export function localTime(zone: string, instant: number): LocalTime {
  const shown = new Date(instant + offsetAt(zone, instant));
  return {
    year: shown.getUTCFullYear(),
    month: shown.getUTCMonth() + 1,
    day: shown.getUTCDate(),
    weekday: shown.getUTCDay(),
    minute: shown.getUTCHours() * 60 + shown.getUTCMinutes(),
  };
}

/**
 * The first instant of the zone's day that an instant lies in, or of a day that is so many days later. A day has 23 or 25
 * hours when clocks change, so days are counted on the calendar, never in hours.
 */
export function startOfDay(zone: string, instant: number, daysLater = 0): number {
  const { year, month, day } = localTime(zone, instant);
  const wanted = Date.UTC(year, month - 1, day + daysLater);
  // Clocks may change around that midnight: it is reckoned with the offset of half a day before and after.
  const starts = [-DAY / 2, DAY / 2].map((side) => wanted - offsetAt(zone, wanted + side));
  const isOfThatDay = (start: number): boolean => dayOf(zone, start) === wanted && dayOf(zone, start - MINUTE) < wanted;
  return starts.find(isOfThatDay) ?? Math.min(...starts);
}

/** The zone's date at an instant, as midnight UTC of that date. */
function dayOf(zone: string, instant: number): number {
  const { year, month, day } = localTime(zone, instant);
  return Date.UTC(year, month - 1, day);
}
