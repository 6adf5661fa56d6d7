import { breakerAfter } from '@relay/http-client';
import { LanePresence, NEW_LANE, type LaneState, type PresenceLane, type Silence } from '@relay/sync-engine';
import type { PracticeLife, Span } from './practice-life.js';

/**
 * A lane as far as its presence goes: the real model on the real breaker, with the state that the engine would keep. What
 * it does with an answer and with silence is what `Lane` of the engine does.
 */
export class PracticeLane implements PresenceLane {
  readonly presence = new LanePresence(this);
  state: LaneState = NEW_LANE;
  answeredAt = 0;
  private readonly where: { readonly zone: string; readonly group: string };
  private upAt = 0;

  constructor(
    readonly life: PracticeLife,
    readonly process: PresenceLane['process'],
  ) {
    this.where = { zone: life.zone, group: life.zone };
  }

  get tenantId(): string {
    return this.life.id;
  }

  place(): { zone: string; group: string } {
    return this.where;
  }

  setState(change: Partial<LaneState>): void {
    this.state = { ...this.state, ...change };
  }

  wake(): void {
    // Who runs it looks at its state.
  }

  /** The time around an instant in which its server answers; null: it does not. Instants never go back. */
  upSpan(now: number): Span | null {
    const { up } = this.life;
    while (this.upAt < up.length && (up[this.upAt] as Span).to <= now) this.upAt += 1;
    const span = up[this.upAt];
    return span !== undefined && span.from <= now ? span : null;
  }

  answered(): void {
    this.answeredAt = this.process.now();
    const { breaker } = this.state;
    const learnt = this.presence.answered(this.process.now());
    if (breaker.failures === 0 && breaker.until === null) {
      if (learnt !== null) this.setState(learnt);
      return;
    }
    const closed = breakerAfter(breaker, 'success', this.process.now(), this.process.breaker);
    this.setState({ ...learnt, breaker: closed, offlineSince: null });
  }

  unavailable(): Silence['kind'] {
    const silence = this.presence.silent();
    if (silence === null) throw new Error('a practice has a server of its own');
    if (silence.kind === 'own') {
      this.setState({ ...silence.change, offlineSince: this.state.offlineSince ?? this.process.now() });
    }
    return silence.kind;
  }
}
