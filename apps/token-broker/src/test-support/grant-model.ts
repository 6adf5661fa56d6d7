import * as fc from 'fast-check';
import {
  SEND_WITHIN_MS,
  announced,
  endOf,
  ended,
  nextGrantStep,
  patienceMs,
  renewed,
  takenBack,
  unanswered,
  type GrantState,
  type Intent,
} from '../tokens/grant-plan.js';

/**
 * Several processes that refresh one consent, as steps that a test puts in any order: each may stand still between any two
 * of its steps. The vendor's refresh tokens are good for one use; using one twice ends the consent.
 */
export const ATTEMPT_MS = 30_000;
export const PATIENCE = patienceMs(ATTEMPT_MS);
/** From an announcement until a vendor that has not answered is asked again. */
const UNANSWERED_MS = 3 * PATIENCE;
const LIFE_MS = 36_000_000;

/** What happens to the next request on its way. */
export type Weather = 'fine' | 'unsent' | 'answer-lost' | 'refused-by-vendor';
export interface Turn {
  readonly actor: number;
  readonly passMs: number;
  readonly weather: Weather;
}

interface Row {
  state: GrantState;
  refreshToken: number;
}
type Phase =
  | { at: 'idle' }
  | { at: 'decided'; seen: Row; do: 'spend' | 'repeat' }
  | { at: 'announced'; seen: Row; intent: Intent }
  | { at: 'answered'; seen: Row; intent: Intent; answer: 'none' | 'unsent' | 'busy' | 'invalid_grant' | number };

export class GrantModel {
  now = 1_000_000;
  row: Row = { state: fresh(), refreshToken: 1 };
  /** Refresh tokens that were spent, with how often each was sent. */
  readonly sent = new Map<number, number>();
  doubleSpends = 0;
  private newest = 1;
  private vendorEnded = false;
  private actors: Phase[];
  private intents = 0;
  private has = 1;

  constructor(
    actors: number,
    private readonly compare: boolean,
  ) {
    this.actors = Array.from({ length: actors }, () => ({ at: 'idle' }));
  }

  /** The pair in the row is the newest that the vendor has handed out, and it is good. */
  get isFresh(): boolean {
    return !this.vendorEnded && this.row.refreshToken === this.newest;
  }

  turn({ actor, passMs, weather }: Turn): void {
    // Whoever has an answer in hand stores it in time: that it may not is a loss nobody can avert, and not looked at here.
    const pressing = this.actors.flatMap((phase) => (phase.at === 'answered' ? [phase.intent.at + PATIENCE - 1] : []));
    this.now = Math.max(this.now, Math.min(this.now + passMs, ...pressing));
    const overdue = this.actors.findIndex((p) => p.at === 'answered' && this.now >= p.intent.at + PATIENCE - 1);
    this.advance(overdue >= 0 ? overdue : actor % this.actors.length, weather);
  }

  private advance(index: number, weather: Weather): void {
    const phase = this.actors[index] as Phase;
    switch (phase.at) {
      case 'idle': {
        this.has = Math.max(this.has, this.row.state.version);
        const step = nextGrantStep(this.row.state, this.row.state.version, false, this.now, PATIENCE);
        if (step.do === 'give-up' && this.row.state.lost === null) this.row.state = ended(this.row.state, step.code);
        if (step.do !== 'spend' && step.do !== 'repeat') return;
        this.actors[index] = { at: 'decided', seen: { ...this.row }, do: step.do };
        return;
      }
      case 'decided': {
        const { seen } = phase;
        const { state } = this.row;
        const same =
          state.version === seen.state.version && state.intent?.id === seen.state.intent?.id && state.lost === null;
        if (this.compare && !same) {
          this.actors[index] = { at: 'idle' };
          return;
        }
        const intent = { id: String((this.intents += 1)), at: this.now };
        this.row.state = announced(seen.state, intent);
        this.actors[index] = { at: 'announced', seen, intent };
        return;
      }
      case 'announced': {
        const { seen, intent } = phase;
        const inTime = this.now <= intent.at + SEND_WITHIN_MS;
        const answer = !inTime || weather === 'unsent' ? 'unsent' : this.vendor(seen.refreshToken, weather);
        this.actors[index] = { at: 'answered', seen, intent, answer };
        return;
      }
      case 'answered':
        this.store(phase.seen, phase.intent, phase.answer);
        this.actors[index] = { at: 'idle' };
        return;
      default:
        phase satisfies never;
    }
  }

  private vendor(token: number, weather: Weather): 'none' | 'busy' | 'invalid_grant' | number {
    if (weather === 'refused-by-vendor') return 'busy';
    this.sent.set(token, (this.sent.get(token) ?? 0) + 1);
    if (this.vendorEnded || token !== this.newest) {
      if (!this.vendorEnded) this.doubleSpends += 1;
      this.vendorEnded = true;
      return weather === 'answer-lost' ? 'none' : 'invalid_grant';
    }
    this.newest += 1;
    return weather === 'answer-lost' ? 'none' : this.newest;
  }

  private store(seen: Row, intent: Intent, answer: 'none' | 'unsent' | 'busy' | 'invalid_grant' | number): void {
    const { state } = this.row;
    const sameVersion = !this.compare || state.version === seen.state.version;
    const mine = !this.compare || (sameVersion && state.intent?.id === intent.id);
    if (typeof answer === 'number') {
      if (!sameVersion) return;
      this.row = { state: renewed(this.compare ? state : seen.state, this.now + LIFE_MS), refreshToken: answer };
    } else if (answer === 'unsent' || answer === 'busy') {
      if (sameVersion) this.row.state = takenBack(state, intent.id, this.now);
    } else if (answer === 'invalid_grant') {
      if (mine) this.row.state = ended(state, endOf(seen.state));
    } else if (sameVersion) {
      this.row.state = unanswered(state, intent.id, UNANSWERED_MS, PATIENCE);
    }
  }
}

function fresh(): GrantState {
  return { version: 1, hasRefreshToken: true, expiresAt: 0, intent: null, tries: 0, lost: null };
}

/** Turns of some actors; `weathers` says what may happen on the way. */
export function turns(weathers: readonly Weather[], most: number): fc.Arbitrary<Turn[]> {
  const turn = fc.record({
    actor: fc.nat({ max: 3 }),
    passMs: fc.oneof(
      { weight: 8, arbitrary: fc.nat({ max: 20 }) },
      fc.nat({ max: SEND_WITHIN_MS }),
      fc.nat({ max: 2 * PATIENCE }),
    ),
    weather: fc.constantFrom(...weathers),
  });
  return fc.array(turn, { minLength: 10, maxLength: most });
}
