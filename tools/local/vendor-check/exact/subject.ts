import type { CheckAnswer, CheckCalls } from '../check-calls.ts';

/** What a check needs to know of a resource: the part of the connector's catalogue that is used here. */
export interface CheckedResource {
  readonly name: string;
  readonly segment: string;
  readonly reads: 'practice' | 'window' | 'everything';
}

/** The practice under test, and what the relay assumes of it. */
export interface ExactSubject {
  /** Calls with the token of the scope set that a resource is read with; null: its scopes are not granted. */
  callsFor(resource: string): CheckCalls | null;
  /** Calls with the token that only lists subscriptions and reads practices. */
  readonly base: CheckCalls;
  /** Calls to the identity server, without a token. */
  readonly authority: CheckCalls;
  readonly practiceId: string;
  readonly token: { readonly publishedAt: number; readonly expiresAt: number };
  /** Of the enabled resources, in the catalogue's order. */
  readonly resources: readonly CheckedResource[];
  readonly configured: {
    readonly header: string;
    readonly member: string;
    /** Where tokens are asked for when EXACT_TOKEN_URL is set; empty: where the identity server says. */
    readonly tokenUrl: string;
    readonly pastDays: number;
    readonly futureDays: number;
  };
  /** The connector's own readings: a check that read differently would prove nothing. */
  readonly connector: {
    readList(
      text: string,
      headers: Readonly<Record<string, string>>,
      names: { readonly header: string; readonly member: string },
    ): { readonly items: readonly unknown[]; readonly continuation: string | null } | null;
    zoneOfCountry(country: string | null, subdivision: string | null): string | null;
    compareVersions(one: string, other: string): number | null;
    minimumVersionOf(resource: string): string;
  };
  readonly now: number;
}

/** Nothing is published of the vendor's limits: a check asks once a second, like somebody who types. */
export const A_MINUTE = 60;

export function pathOf({ practiceId }: Pick<ExactSubject, 'practiceId'>, ...rest: readonly string[]): string {
  return ['Practices', practiceId, ...rest].map((part) => encodeURIComponent(part)).join('/');
}

export function ask(calls: CheckCalls, path: string, query?: string): Promise<CheckAnswer> {
  return calls.send({ path, ...(query === undefined ? {} : { query }), limit: A_MINUTE, budget: 'exact' });
}

/** A window of appointments as the relay asks for it. */
export function windowQuery(from: number, to: number): string {
  return `from=${new Date(from).toISOString().slice(0, 19)}Z&to=${new Date(to).toISOString().slice(0, 19)}Z`;
}

/** An error's body in a few words: never its text, which may quote a patient. */
export function bodyForm({ json, text, headers }: CheckAnswer): string {
  const type = headers['content-type']?.split(';')[0] ?? 'no content type';
  if (text === '') return `no body (${type})`;
  if (typeof json === 'string') return `a JSON string (${type})`;
  if (json !== undefined) return `JSON, but no string (${type})`;
  return `plain text (${type})`;
}
