import { writeAudit } from '@relay/audit';
import type { Tx } from '@relay/database';
import { UseBounds } from './use-bounds.js';

/** What this service does with secrets and by itself, as `audit.v1` names it. */
export type BrokerAction =
  | 'registration-opened'
  | 'client-configured'
  | 'candidate-tried'
  | 'candidate-rejected'
  | 'candidate-awaits-consent'
  | 'rotation-failed'
  | 'credential-proven'
  | 'credential-refused'
  | 'credential-rejected'
  | 'credential-awaiting-consent'
  | 'secret-destroyed'
  | 'token-requested'
  | 'token-invalidated'
  | 'consent-begun'
  | 'consent-failed'
  | 'consent-given'
  | 'refresh-token-spent'
  | 'refresh-token-spent-again'
  | 'refresh-unanswered'
  | 'grant-ended'
  | 'withdrawal-begun'
  | 'revocation-failed'
  | 'tokens-revoked';

/** Words, ids, counts and instants. Never a secret, a token, a code, or the text of a vendor's answer. */
export interface BrokerNote {
  readonly action: BrokerAction;
  readonly tenantId: string;
  /** Why: a stable word. */
  readonly reason: string | null;
  readonly detail: Readonly<Record<string, unknown>>;
  /** Default: this service. */
  readonly actor?: string;
}

const BROKER = 'service:token-broker';

/** Whoever has consented, as the vendor names them. */
export function personActor(name: string | null): string {
  return `person:${name ?? 'unknown'}`;
}

/** What the broker tells the audit trail. It is carried to `audit.v1` by the `AuditPublisher`. */
export class AuditTrail {
  private readonly bounds = new UseBounds();

  /** `noteWritten`: called when there is something to carry. */
  constructor(private readonly noteWritten: () => void = () => undefined) {}

  /** A change of state. Written in its transaction: the entry is there if and only if the change is. */
  async changed(tx: Tx, note: BrokerNote): Promise<void> {
    await this.write(tx, note, note.detail);
  }

  /**
   * A use of a secret, or what came of it. Written with what the use has brought. A process that dies in between has used
   * it untold; the use of a single-use token alone is announced before (`refresh_grant`), and its repeat is told with that.
   * More than sixty an hour of a kind and tenant are counted, not told: `untold` says how many.
   */
  async used(tx: Tx, note: BrokerNote): Promise<void> {
    const untold = this.bounds.admit(note.tenantId, note.action, Date.now());
    if (untold !== null) await this.write(tx, note, untold === 0 ? note.detail : { ...note.detail, untold });
  }

  private async write(tx: Tx, note: BrokerNote, detail: Readonly<Record<string, unknown>>): Promise<void> {
    const { action, tenantId, reason, actor = BROKER } = note;
    await writeAudit(tx, { at: new Date().toISOString(), actor, action, tenantId, reason, detail: { ...detail } });
    this.noteWritten();
  }
}
