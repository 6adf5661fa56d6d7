import type { ExactResource, ExactScopeSet } from '@relay/contracts';
import type { ContinuationNames } from './continuation.js';
import type { ExactCalls } from './exact-calls.js';
import { PracticeStanding } from './practice-standing.js';
import type { ScopeSource } from '../scopes/granted-scopes.js';
import { FreshListing } from '../subscriptions/fresh-listing.js';

/** A listing this young still tells whether the token is good that only lists subscriptions. */
const RECENT_MS = 5_000;

/** Calls with the token of one scope set, and what settles their doubtful answers with that same token. */
export interface ScopedCalls {
  readonly calls: ExactCalls;
  readonly standing: PracticeStanding;
}

/** The calls of each resource: with the token of the scope set that it is read with. */
export class CallsByScope {
  private readonly bySet = new Map<string, ScopedCalls>();
  private readonly listing: FreshListing;

  constructor(
    private readonly base: ExactCalls,
    private readonly scopes: ScopeSource,
    private readonly names: ContinuationNames,
    private readonly timeoutMs: number,
    private readonly now: () => number = Date.now,
  ) {
    this.listing = new FreshListing(base, names, timeoutMs, now);
  }

  setOf(resource: ExactResource): ExactScopeSet | null {
    return this.scopes.setOf(resource);
  }

  /** Whether the vendor refuses the client itself. */
  isRejected(): boolean {
    return this.scopes.isRejected?.() ?? false;
  }

  /** Whether some call can be made at all: with the token that only lists subscriptions and reads practices. */
  hasToken(): boolean {
    return this.base.tokenVersion() !== null;
  }

  /**
   * Whether nothing can be called any more: the vendor refuses the client, and the token too that every other one stands on.
   * As long as that one is good, others may be that were given when it was.
   */
  async isOver(): Promise<boolean> {
    if (!this.isRejected()) return false;
    if (!this.hasToken()) return true;
    const answer = await this.listing.askedAfter(this.now() - RECENT_MS);
    if (answer.kind === 'token-refused') await this.base.refused(answer.token);
    return !this.hasToken();
  }

  with(scopes: string): ScopedCalls {
    let scoped = this.bySet.get(scopes);
    if (scoped === undefined) {
      const calls = this.base.withScopes(scopes);
      // A 401 is the token's only if the list refuses the very same one.
      const listing = new FreshListing(calls, this.names, this.timeoutMs, this.now);
      scoped = { calls, standing: new PracticeStanding(calls, listing, this.now) };
      this.bySet.set(scopes, scoped);
    }
    return scoped;
  }
}
