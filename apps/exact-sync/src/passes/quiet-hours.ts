import type { TenantValue } from '@relay/contracts';
import type { CallContext, PassRequest } from '@relay/sync-engine';
import type { PracticeBudget } from '../calls/practice-budget.js';
import { closedFrom } from '../practice-time/opening-hours.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** Looked at again at least so often: somebody may ask for it, and what is known of the practice's hours may change. */
const LOOK_AGAIN = 10 * MINUTE;
/** A practice that is asleep whenever it is closed gets its sweeps by day, once one is this old. */
const PATIENCE = 24 * HOUR;
/** The past goes on by day too, or it would never be read where the server is off at night: so little does not disturb. */
const TRICKLE = 0.1;

/** Keeps work that can wait out of a practice's opening hours: sweeps, and the reading of the past. */
export class QuietHours {
  constructor(
    private readonly zoneOf: (tenant: TenantValue) => string,
    private readonly budget: Pick<PracticeBudget, 'perHour' | 'used'>,
    private readonly closed: (zone: string, now: number) => number = closedFrom,
  ) {}

  /** How long a page had better wait, ms; null = it is read now. */
  putOff({ tenant, work }: CallContext, pass: PassRequest, now: number): number | null {
    if (!this.canWait(tenant, work, pass, now)) return null;
    const from = this.closed(this.zoneOf(tenant), now);
    return from <= now ? null : Math.min(from - now, LOOK_AGAIN);
  }

  private canWait({ tenantId }: TenantValue, work: CallContext['work'], pass: PassRequest, now: number): boolean {
    const { spec, isWished = false, completedAt = null } = pass;
    if (isWished) return false;
    if (spec.name === 'history') {
      return this.budget.used(tenantId, now, 'first-reading') >= this.budget.perHour * TRICKLE;
    }
    // A first reading is something that somebody waits for.
    if (spec.name !== 'sweep' || work !== 'sweep') return false;
    return completedAt !== null && now - completedAt < Math.max(PATIENCE, 2 * (spec.everySeconds ?? 0) * 1_000);
  }
}
