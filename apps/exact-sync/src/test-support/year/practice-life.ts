import { offsetAt } from '@relay/sync-engine';
import { Seeded } from '@relay/vendor-twins';

/** From one instant up to another, ms. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** What really happens at one practice: drawn before the run, and never shown to what is tried. */
export interface PracticeLife {
  readonly id: string;
  readonly zone: string;
  /** Its server answers: in order, apart from each other. */
  readonly up: readonly Span[];
  /** It should answer by its own usual hours, on days that are no day off of its country. */
  readonly due: readonly Span[];
  /** The weekday on which it is always closed, up to the first whole one of them: nobody can know that yet. */
  readonly firstClosed: readonly Span[];
}

export interface LifePlan {
  readonly seed: string;
  readonly practices: number;
  readonly from: number;
  readonly days: number;
}

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** Where practices are, and in how many of a hundred. */
const ZONES = [
  ['Europe/London', 60],
  ['Europe/Dublin', 75],
  ['Pacific/Auckland', 90],
  ['Australia/Sydney', 100],
] as const;

/** One office in five never switches its server off. */
const ALWAYS_ON = 0.2;
const SATURDAYS = 0.3;
/** Offices that are closed on one weekday of each week. */
const PART_TIME = 0.1;
/** Days off of a country in a year, and of a practice alone. */
const HOLIDAYS = 10;
const OWN_DAYS_OFF = 6;
/** In a year, of one practice: cuts of ten minutes to two days; restarts for a new EXACT, of 20 minutes. */
const OUTAGES = 5;
const UPGRADES = 8;
const YEAR = 365;

/** The lives of all practices of a run. */
export function drawLives(plan: LifePlan): PracticeLife[] {
  const holidays = new Map(ZONES.map(([zone]) => [zone as string, drawHolidays(plan, zone)]));
  return Array.from({ length: plan.practices }, (_, index) => {
    const random = new Seeded(plan.seed, 'practice-life', index);
    const lot = random.below(100);
    const [zone] = ZONES.find(([, upTo]) => lot < upTo) ?? ZONES[0];
    return drawLife(plan, { id: `exact:qa:P${index}`, zone, holidays: holidays.get(zone) ?? new Set(), random });
  });
}

/** When the gateway that all share is out: six times in a year, for one to thirty minutes. */
export function drawGatewayOutages({ seed, from, days }: LifePlan): Span[] {
  const random = new Seeded(seed, 'gateway');
  const spans: Span[] = [];
  for (let day = 0; day < days; day += 1) {
    if (!random.chance(Math.max(6 / YEAR, day === 2 ? 1 : 0))) continue;
    const start = from + day * DAY + random.below(DAY / MINUTE) * MINUTE;
    spans.push({ from: start, to: start + random.between(1, 30) * MINUTE });
  }
  return spans;
}

/** Working days of a zone, by their number in the run, on which nobody works. */
function drawHolidays({ seed, days }: LifePlan, zone: string): ReadonlySet<number> {
  const random = new Seeded(seed, 'holidays', zone);
  const count = Math.max(1, Math.round((HOLIDAYS * days) / YEAR));
  // Not in the first weeks, in which nobody knows any hours: those are tried by the practices that join.
  const first = days > 28 ? 21 : Math.min(2, days - 1);
  return new Set(Array.from({ length: count }, () => random.between(first, Math.max(first, days - 1))));
}

function drawLife(
  plan: LifePlan,
  about: { id: string; zone: string; holidays: ReadonlySet<number>; random: Seeded },
): PracticeLife {
  const { id, zone, holidays, random } = about;
  const cuts = drawCuts(plan, random);
  const end = plan.from + plan.days * DAY;
  if (random.chance(ALWAYS_ON)) {
    const always = [{ from: plan.from, to: end }];
    return { id, zone, up: without(always, cuts), due: always, firstClosed: [] };
  }
  const opens = random.pick([450, 480, 510, 540]);
  const closes = random.pick([1020, 1050, 1080, 1110]);
  const saturdays = random.chance(SATURDAYS);
  const closedOn = random.chance(PART_TIME) ? random.between(1, 5) : null;
  const firstClosed: Span[] = [];
  const up: Span[] = [];
  const due: Span[] = [];
  // West of its date line a zone is in the next day before the run is over.
  for (let day = 0; day <= plan.days; day += 1) {
    const midnight = localMidnight(zone, plan.from, day);
    const weekday = new Date(midnight + offsetAt(zone, midnight)).getUTCDay();
    if (weekday === closedOn && (firstClosed.at(-1)?.from ?? 0) < plan.from) {
      firstClosed.push({ from: midnight, to: midnight + DAY + opens * MINUTE });
    }
    const isOff = weekday === 0 || weekday === closedOn || (weekday === 6 && !saturdays) || holidays.has(day);
    if (isOff) continue;
    const closing = weekday === 6 ? Math.min(closes, 780) : closes;
    due.push({ from: midnight + opens * MINUTE, to: midnight + closing * MINUTE });
    if (random.chance(OWN_DAYS_OFF / YEAR)) continue;
    const early = random.between(-20, 15) * MINUTE;
    up.push({ from: midnight + opens * MINUTE + early, to: midnight + (closing + random.between(-10, 30)) * MINUTE });
  }
  return { id, zone, up: without(up, cuts), due, firstClosed };
}

function drawCuts({ from, days }: LifePlan, random: Seeded): Span[] {
  const cuts: Span[] = [];
  for (let day = 0; day < days; day += 1) {
    const start = from + day * DAY + random.below(DAY / MINUTE) * MINUTE;
    if (random.chance(OUTAGES / YEAR)) cuts.push({ from: start, to: start + cutLength(random) });
    else if (random.chance(UPGRADES / YEAR)) cuts.push({ from: start, to: start + 20 * MINUTE });
  }
  return cuts;
}

/** Most are short; one in ten lasts for a day or two. */
function cutLength(random: Seeded): number {
  if (random.chance(0.1)) return random.between(24, 48) * HOUR;
  return random.chance(0.5) ? random.between(10, 60) * MINUTE : random.between(1, 8) * HOUR;
}

function localMidnight(zone: string, from: number, day: number): number {
  const utc = Math.floor(from / DAY) * DAY + day * DAY;
  return utc - offsetAt(zone, utc - offsetAt(zone, utc));
}

/** Spans without what others cover of them; both in order. */
function without(spans: readonly Span[], cuts: readonly Span[]): Span[] {
  let left = [...spans];
  for (const cut of cuts) {
    left = left.flatMap((span) => {
      if (cut.to <= span.from || cut.from >= span.to) return [span];
      return [
        { from: span.from, to: cut.from },
        { from: cut.to, to: span.to },
      ].filter(({ from, to }) => to > from);
    });
  }
  return left;
}
