import type {
  CounterName,
  MirrorRow,
  PassCursor,
  PendingDetail,
  PendingEntry,
  RecordRef,
  ResourceFacts,
  Trigger,
} from './model.js';

/** A mirror row to be written. The row is also the outbox: `publish` says that it carries a new version. */
export interface RecordWrite {
  readonly row: MirrorRow;
  /** The vendor's text: set it, remove it (a deletion), or leave what is there. */
  readonly body:
    { readonly kind: 'set'; readonly text: string } | { readonly kind: 'drop' } | { readonly kind: 'keep' };
  readonly publish: boolean;
}

/** A record that no longer waits, unless a newer notice has come in the meantime. */
export interface Served {
  readonly entry: PendingEntry;
}

/** A record that waits on: where no newer notice has come. */
export interface Delayed {
  readonly entry: PendingEntry;
  readonly nextAttemptAt: number;
  readonly attempts?: number;
  readonly parked?: boolean;
  readonly detail?: PendingDetail;
}

/** A record that is to be fetched. Where one waits already, that one stays. */
export type Raised = Omit<PendingEntry, 'generation'>;

/** A record that nobody has announced and that is to be fetched at an instant, for the first time. */
export function raisedAt(
  nextAttemptAt: number,
  { tenantId, resource, recordId }: RecordRef,
  cause: Raised['cause'],
  about: Partial<Pick<Raised, 'pass' | 'runId' | 'detail'>> = {},
): Raised {
  return {
    tenantId,
    resource,
    recordId,
    cause,
    trigger: null,
    deleteTrigger: false,
    firstNoticeAt: null,
    lastNoticeAt: null,
    notices: 0,
    attempts: 0,
    nextAttemptAt,
    parked: false,
    pass: null,
    runId: null,
    detail: {},
    ...about,
  };
}

export interface Counted {
  readonly counter: CounterName | 'records';
  readonly by: number;
  /** Whose it is; null or absent = of none that is known, or this counter is not kept by trigger. */
  readonly trigger?: Trigger | null;
}

/** What one result changes: data for one transaction, and nothing else. */
export interface Effects {
  writes: RecordWrite[];
  served: Served[];
  delayed: Delayed[];
  raised: Raised[];
  /** To be read now, also where it waits already: what is being read for it at this moment may be older. */
  wanted: Raised[];
  counted: Counted[];
  /** The resource's facts after this result; absent = unchanged. */
  facts?: ResourceFacts;
  /** A notice through an `any` address was proven to be one of a change. */
  noticesDelivered?: boolean;
  cursor?: PassCursor;
  /** `await-notices`: an end of the notice topic has to be asked for after this instant. */
  awaitNotices?: number;
}

/** A missed one that was published, or (-1) one that was late after all. */
export function missedBy(by: 1 | -1, trigger: Trigger | null): Counted[] {
  return [
    { counter: 'missed', by, trigger },
    { counter: 'healed', by },
  ];
}

/** All notices of a record that waits have led to nothing new. The last one stands for them. */
export function duplicatesOf({ notices, trigger }: PendingEntry): Counted {
  return { counter: 'duplicates', by: notices, trigger };
}

export function noEffects(): Effects {
  return { writes: [], served: [], delayed: [], raised: [], wanted: [], counted: [] };
}

/** What a result is judged against: the transaction's own reading, and what earlier results of the transaction made of it. */
export interface MirrorView {
  row(ref: RecordRef): MirrorRow | null;
  body(ref: RecordRef): string | null;
  facts(tenantId: string, resource: string): ResourceFacts;
  /** Records that are not deleted, of one resource of a tenant. */
  liveRecords(tenantId: string, resource: string): number;
  /** A change trigger was provisioned for it, or has delivered. */
  noticesKnown(tenantId: string, resource: string): boolean;
  readonly consumedAsOf: number | null;
}
