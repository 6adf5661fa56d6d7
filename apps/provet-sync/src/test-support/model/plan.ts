import { FAULT_POINTS, type FaultPoint } from '@relay/sync-engine';
import type { FaultEffect, ResourceName, WebhookRates } from '@relay/vendor-twins';

/*
 * A run, written down: which clinics, which resources, and what happens when. Every step carries all that it needs, so that
 * a plan with fewer steps is a plan.
 */

export type Shape =
  /** A detail form, a time of change, webhooks. */
  | 'ordinary'
  /** The list row is the record. */
  | 'list-only'
  /** It cannot be asked for what has changed since. */
  | 'no-delta'
  /** No webhook tells of it, as of a child of another record. */
  | 'unannounced';

export interface PlannedResource {
  readonly name: ResourceName;
  readonly shape: Shape;
  /** What its list shows; null: as the vendor does by itself. */
  readonly listForm: 'full' | 'reduced' | null;
}

export interface Plan {
  readonly seed: string;
  readonly tenants: readonly { readonly id: number; readonly records: number }[];
  readonly resources: readonly PlannedResource[];
  readonly shards: number;
  readonly workers: number;
  readonly httpLatencyMs: number;
  /** How long things happen; then it is quiet. */
  readonly activeMs: number;
  /** In the order of time. */
  readonly steps: readonly Step[];
}

/** A record by a number: the runner takes the one that it falls on among those that exist; -1 is the youngest. */
export interface Pick {
  readonly tenant: number;
  readonly resource: ResourceName;
  readonly record: number;
}

interface Told {
  /** 'drop': its webhook is lost. */
  readonly notify: true | 'drop';
  readonly visibleAfterMs: number;
}

/** Where processes are killed and frozen: everywhere but in purges, of which runs have none. */
const { purge: _purge, ...onTheWay } = FAULT_POINTS;
export const STRIKE_POINTS: readonly FaultPoint[] = Object.values(onTheWay).flat();

/** What an operator asks. */
export type Question = { readonly tenant: number; readonly resource: ResourceName } & (
  | { readonly kind: 'verify'; readonly record: number }
  /** `records`: null = all that the mirror knows. */
  | { readonly kind: 'resync' | 'replay'; readonly records: readonly number[] | null }
  | { readonly kind: 'release-deletions' | 'drop-deletions' }
);

export type Deed =
  | ({ readonly do: 'change' | 'archive' | 'remove' } & Pick & Told)
  | ({ readonly do: 'create'; readonly tenant: number; readonly resource: ResourceName } & Told)
  | ({ readonly do: 'merge'; readonly tenant: number; readonly survivor: number; readonly alias: number } & {
      readonly resource: 'client' | 'patient';
    } & Told)
  /** Many at once: more than are plausible. */
  | {
      readonly do: 'clear';
      readonly tenant: number;
      readonly resource: ResourceName;
      readonly most: number;
      readonly notify: Told['notify'];
    }
  | ({ readonly do: 'ask' } & Question)
  | { readonly do: 'webhooks'; readonly forMs: number; readonly rates: Partial<WebhookRates> }
  | {
      readonly do: 'vendor-fault';
      readonly forMs: number;
      readonly tenant: number;
      readonly path: string;
      readonly rate: number;
      readonly effect: FaultEffect;
      readonly after: boolean;
    }
  | { readonly do: 'forbid'; readonly forMs: number; readonly tenant: number; readonly resource: ResourceName }
  | { readonly do: 'close'; readonly forMs: number; readonly tenant: number; readonly form: 'json' | 'html' }
  | { readonly do: 'ignore-filter'; readonly forMs: number; readonly tenant: number; readonly filter: string }
  | { readonly do: 'suspend'; readonly forMs: number; readonly tenant: number }
  | { readonly do: 'slow'; readonly forMs: number; readonly latencyMs: number }
  | { readonly do: 'kill'; readonly where: FaultPoint | 'now'; readonly worker: number; readonly awayMs: number }
  | {
      readonly do: 'freeze';
      readonly where: FaultPoint | 'now';
      readonly worker: number;
      /** When others get its shards, and when it goes on; it may go on before. */
      readonly handOverMs: number;
      readonly resumeMs: number;
    }
  | { readonly do: 'move-shard'; readonly shard: number; readonly worker: number; readonly told: boolean }
  | { readonly do: 'database-away' | 'log-away'; readonly forMs: number }
  | { readonly do: 'commits'; readonly forMs: number; readonly lost: number; readonly answerLost: number }
  | {
      readonly do: 'sends';
      readonly forMs: number;
      readonly lost: number;
      readonly answerLost: number;
      readonly late: number;
    }
  | {
      readonly do: 'restore';
      /** How old the backup is that is restored: it is taken now. */
      readonly backupMs: number;
      /** When a process goes on that was not ended before the restore, but stood still; null: there was none. */
      readonly survivorMs: number | null;
    };

export type Step = Deed & { readonly at: number };
