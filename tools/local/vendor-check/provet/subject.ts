import type { CheckCalls } from '../check-calls.ts';

/** What a check needs to know of a resource: the part of the connector's catalogue that is used here. */
export interface CheckedResource {
  readonly name: string;
  readonly path: string;
  readonly permission: string | null;
  readonly limits: { readonly list: number; readonly read: number | null };
  readonly modifiedMember: string | null;
  /** Rows of a page that the relay reckons as one request. */
  readonly pageSize: number;
  /** Filter by which the parts of a parent are read, and the member that names the parent. */
  readonly parent: { readonly filter: string | null; readonly relation: string } | null;
}

/** The tenant under test, and what the relay assumes of it. */
export interface ProvetSubject {
  readonly calls: CheckCalls;
  /** Host with port and provet id, as absolute addresses of the tenant carry them. */
  readonly host: string;
  readonly provetId: number;
  /** Share of the vendor's limits that the checks may use; 0 = no limit. */
  readonly share: number;
  readonly token: TokenFacts;
  /** Of the enabled resources, in the catalogue's order. */
  readonly resources: readonly CheckedResource[];
  readonly configured: {
    /** PROVET_WEBHOOK_URL_FIELD; null: learnt from the endpoint. */
    readonly webhookUrlField: string | null;
  };
  /** The connector's own readings of an answer: a check that read differently would prove nothing. */
  readonly connector: {
    targetMemberOf(optionsText: string): string | null;
    recordIdOf(record: Readonly<Record<string, unknown>>): string | null;
    filterTime(time: number): string;
  };
}

/** What is known of the token; it is never printed. */
export interface TokenFacts {
  readonly text: string;
  readonly expiresAt: number;
  /** When the broker published it; a message that was sent again is younger than the token. */
  readonly publishedAt: number;
}
