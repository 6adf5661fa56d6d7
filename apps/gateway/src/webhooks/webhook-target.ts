import { timingSafeEqual, type KeyObject } from 'node:crypto';
import { WEBHOOK_KEY_LENGTH, provetTenantId, webhookKey, webhookSigningKey } from '@relay/contracts';

/** What the path of a webhook says once its key has been verified. */
export interface WebhookTarget {
  readonly tenantId: string;
  readonly trigger: number | 'any';
  /** Place in `WEBHOOK_KEYS` of the key that made the URL, from 1. */
  readonly entry: number;
}

/** The path's own parts, percent-decoded. */
export interface WebhookPath {
  readonly host: string;
  readonly provetId: string;
  readonly trigger: string;
  readonly key: string;
}

/** An id that a JSON integer can carry exactly. */
const PROVET_ID = /^[1-9]\d{0,14}$/;
const TRIGGER = /^(?:any|[1-9]\d{0,8})$/;

/** The keys of `WEBHOOK_KEYS`, made ready once: hashing with a raw key costs several times as much. */
export class WebhookKeys {
  private readonly keys: readonly KeyObject[];

  /** Throws when one of them is not 32 bytes in base64url. */
  constructor(base64urlKeys: readonly string[]) {
    this.keys = base64urlKeys.map(webhookSigningKey);
  }

  /**
   * Reads a webhook's path; null when the key belongs to none of the configured keys, or to another tenant or trigger.
   * No look-up is made: whoever holds a key for a tenant and trigger was given its URL by the relay.
   */
  verify(path: WebhookPath): WebhookTarget | null {
    if (!PROVET_ID.test(path.provetId) || !TRIGGER.test(path.trigger) || path.host === '') return null;
    const tenantId = provetTenantId(path.host, Number(path.provetId));
    const trigger = path.trigger === 'any' ? 'any' : Number(path.trigger);
    const given = Buffer.from(path.key, 'utf8');
    if (given.length !== WEBHOOK_KEY_LENGTH) return null;
    let entry = 0;
    for (const [index, key] of this.keys.entries()) {
      if (timingSafeEqual(given, Buffer.from(webhookKey(key, tenantId, trigger), 'latin1'))) entry = index + 1;
    }
    return entry > 0 ? { tenantId, trigger, entry } : null;
  }
}
