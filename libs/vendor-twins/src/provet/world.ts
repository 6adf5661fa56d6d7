import type { Ring } from '../ring.js';
import type { DeliveryQueue, WebhookRates } from './deliveries.js';
import type { ResourceName } from './records/context.js';
import type { ChangeKind } from './triggers.js';

/** What all tenants of a Provet twin share. */
export interface ProvetWorld {
  readonly seed: string;
  /** `http://127.0.0.1:3100`: the start of every URL that the twin writes. */
  origin: string;
  readonly epoch: number;
  clock(): number;
  readonly deliveries: DeliveryQueue;
  readonly changes: Ring<ProvetChange>;
  /** How webhooks misbehave where a tenant says nothing of its own. */
  rates: WebhookRates;
  /** How ids stand in JSON webhooks. Seen as strings; numbers are possible. */
  jsonIds: 'string' | 'number';
}

export interface ProvetChange {
  readonly at: number;
  readonly tenantId: number;
  readonly resource: ResourceName;
  readonly recordId: number;
  readonly kind: ChangeKind;
  readonly by: ChangeOrigin;
  /** Triggers of which at least one webhook was queued and not lost. */
  readonly announced: readonly number[];
}

/** Who makes a change. No department can be inferred for an API change of a client or patient. */
export type ChangeOrigin = 'person' | 'api';

export interface ChangeOptions {
  /** Default: person. */
  readonly by?: ChangeOrigin | undefined;
  /** false: no webhook is made; 'drop': it is made and lost. Default true. */
  readonly notify?: boolean | 'drop' | undefined;
  /** Readers see the change only after this time, webhooks go out at once. */
  readonly visibleAfterMs?: number | undefined;
  /** The time of change that the vendor claims, ms; default now, and never before the last one. */
  readonly modifiedAt?: number | undefined;
}

export interface PutOptions extends ChangeOptions {
  /** Members that are not given are made anew instead of kept. */
  readonly replace?: boolean | undefined;
}
