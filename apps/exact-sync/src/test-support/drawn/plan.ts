import { FAULT_POINTS, type FaultPoint } from '@relay/sync-engine';
import { Seeded, type ExactKind, type FaultEffect } from '@relay/vendor-twins';

/*
 * A run, written down: which practices, and what happens when. Every step carries all that it needs, so that a plan with
 * fewer steps is a plan.
 */

export const KINDS = ['appointment', 'patient'] as const satisfies readonly ExactKind[];
export type Kind = (typeof KINDS)[number];

/** Where processes are killed: everywhere but in purges and notices, of which runs have none. */
const { purge: _purge, notices: _notices, ...onTheWay } = FAULT_POINTS;
const STRIKE_POINTS: readonly FaultPoint[] = Object.values(onTheWay).flat();

interface AtPractice {
  readonly practice: string;
}

/** A record by a number: the runner takes the one that it falls on among those that exist. */
interface Pick extends AtPractice {
  readonly kind: Kind;
  readonly record: number;
}

export type Deed =
  | ({ readonly do: 'change' | 'remove' } & Pick)
  | ({ readonly do: 'cancel' | 'create'; readonly days: number } & Pick)
  | ({ readonly do: 'move'; readonly days: number } & Pick)
  | ({ readonly do: 'mode'; readonly mode: 'offline' | 'faulty' | 'timeout'; readonly forMs: number } & AtPractice)
  | ({ readonly do: 'poison'; readonly forMs: number } & Pick)
  | ({ readonly do: 'slow-windows'; readonly days: number; readonly forMs: number } & AtPractice)
  | ({ readonly do: 'spelling'; readonly as: 'upper' | 'lower' } & AtPractice)
  | { readonly do: 'gateway' | 'listing'; readonly forMs: number }
  | ({
      readonly do: 'answers';
      readonly path: string;
      readonly rate: number;
      readonly effect: FaultEffect;
      readonly forMs: number;
    } & AtPractice)
  | { readonly do: 'expire'; readonly forMs: number }
  | { readonly do: 'kill'; readonly where: FaultPoint | 'now'; readonly awayMs: number }
  | { readonly do: 'hand-over'; readonly told: boolean }
  | { readonly do: 'database-away' | 'log-away'; readonly forMs: number }
  | { readonly do: 'restore'; readonly backupMs: number };

export type Step = Deed & { readonly at: number };

export interface Plan {
  readonly seed: string;
  readonly practices: readonly { readonly id: string; readonly records: number }[];
  readonly pageBytes: number;
  readonly pageForm: 'header' | 'wrapper';
  readonly emptyEvery: number;
  /** How long things happen; then it is quiet. */
  readonly activeMs: number;
  /** In the order of time. */
  readonly steps: readonly Step[];
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
/** More in an hour would be held for a person. */
const MOST_DELETIONS = 10;

/** Draws a run from a seed. */
export function drawPlan(seed: string): Plan {
  const random = new Seeded(seed, 'plan');
  // Two that are spelt alike but for their case have the same ids in them.
  const ids = random.chance(0.4) ? ['UKABC123', 'ukabc123'] : ['UKTEST1'];
  const practices = ids.map((id) => ({ id, records: random.between(3, 25) }));
  const activeMs = random.between(8, 16) * MINUTE;
  const draw = new StepDraw(random, ids);
  const steps: Step[] = [];
  const add = (deed: Deed): number => steps.push({ at: random.below(activeMs), ...deed });
  for (let writes = random.between(8, 30); writes > 0; writes -= 1) add(draw.write());
  if (random.chance(0.7)) for (let more = random.between(1, 4); more > 0; more -= 1) add(draw.vendorTrouble());
  if (random.chance(0.6)) for (let more = random.between(1, 3); more > 0; more -= 1) add(draw.ownTrouble());
  if (random.chance(0.08)) add({ do: 'restore', backupMs: random.between(10, 300) * SECOND });
  return {
    seed,
    practices,
    pageBytes: random.pick([1_500, 4_000, 12_000]),
    pageForm: random.pick(['header', 'wrapper']),
    emptyEvery: random.pick([0, 0, 3]),
    activeMs,
    steps: steps.sort((a, b) => a.at - b.at),
  };
}

class StepDraw {
  private deletions = 0;

  constructor(
    private readonly random: Seeded,
    private readonly ids: readonly string[],
  ) {}

  write(): Deed {
    const { random } = this;
    const kind = random.chance(0.75) ? 'appointment' : 'patient';
    const pick = { practice: this.practice(), kind, record: random.below(1_000) } as const;
    const drawn = random.next();
    if (drawn < 0.35) return { do: 'change', ...pick };
    if (drawn < 0.5) return { do: 'create', ...pick, days: this.days() };
    if (drawn < 0.65) return { do: 'cancel', ...pick, days: 0 };
    if (drawn < 0.85) return { do: 'move', ...pick, days: this.days() };
    if (this.deletions >= MOST_DELETIONS) return { do: 'change', ...pick };
    this.deletions += 1;
    return { do: 'remove', ...pick };
  }

  vendorTrouble(): Deed {
    const { random } = this;
    const practice = this.practice();
    const forMs = random.between(10, 300) * SECOND;
    const drawn = random.next();
    if (drawn < 0.2) return { do: 'mode', practice, forMs, mode: random.pick(['offline', 'faulty', 'timeout']) };
    if (drawn < 0.4) {
      return { do: 'poison', practice, forMs, kind: random.pick(KINDS), record: random.below(1_000) };
    }
    if (drawn < 0.5) return { do: 'slow-windows', practice, forMs, days: random.pick([0.2, 2, 20]) };
    if (drawn < 0.58) return { do: 'spelling', practice, as: random.pick(['upper', 'lower']) };
    if (drawn < 0.66) return { do: random.pick(['gateway', 'listing']), forMs };
    if (drawn < 0.74) return { do: 'expire', forMs };
    const path = random.pick(['/Appointments\\?', '/Appointments/', '/Patients$', '/Patients/', '/Practices/']);
    return { do: 'answers', practice, path, rate: random.pick([1, 0.5, 0.2]), effect: this.effect(), forMs };
  }

  ownTrouble(): Deed {
    const { random } = this;
    const forMs = random.between(1, 60) * SECOND;
    const drawn = random.next();
    if (drawn < 0.55) {
      const where = random.chance(0.8) ? random.pick(STRIKE_POINTS) : 'now';
      return { do: 'kill', where, awayMs: random.pick([50, 2_000, 40_000]) };
    }
    if (drawn < 0.75) return { do: 'hand-over', told: random.chance(0.5) };
    return { do: random.pick(['database-away', 'log-away']), forMs };
  }

  private practice(): string {
    return this.random.pick(this.ids);
  }

  /** Mostly near, often far, now and then out of all windows. */
  private days(): number {
    const { random } = this;
    return random.pick([
      random.between(-1, 2),
      random.between(-1, 2),
      random.between(-25, 300),
      random.pick([-90, 500]),
    ]);
  }

  private effect(): FaultEffect {
    const status = this.random.pick([401, 403, 404, 409, 429, 500, 502, 503, 504, 0, 0, 0]);
    if (status === 0) return { kind: this.random.pick(['reset', 'hang', 'garbage']) };
    if (status === 429)
      return { kind: 'status', status, headers: { 'retry-after': String(this.random.between(1, 30)) } };
    return { kind: 'status', status };
  }
}
