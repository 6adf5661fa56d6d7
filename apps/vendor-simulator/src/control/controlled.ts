import type { ExactTwin, ProvetTwin } from '@relay/vendor-twins';
import type { HookupSender } from '../behaviour/hookup-sender.js';
import type { LifeClock } from '../behaviour/life-clock.js';

/** What the control API works on. */
export interface Controlled {
  readonly provet: ProvetTwin;
  readonly exact: ExactTwin;
  readonly life: LifeClock;
  readonly hookups: HookupSender;
  /** Null: no token is asked for. */
  readonly token: string | null;
}

/** Injection token of `Controlled`. */
export const CONTROLLED = Symbol('controlled');
