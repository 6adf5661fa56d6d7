import { setTimeout as sleep } from 'node:timers/promises';
import { personActor } from '../audit/audit-trail.js';
import type { Connection } from '../credentials/connection.js';
import type { ConsentTarget, Invite } from '../persistence/consent-rows.js';
import { setMark } from './browser-mark.js';
import type { ConsentOutcome } from './consent-outcomes.js';
import { callbackUrlOf, inviteProblem, targetProblem, type ConsentParts } from './consent-parts.js';
import { runStrategy } from './consent-strategy.js';
import { digestOf, isToken, newToken } from './consent-tokens.js';
import { DiscoveryRefused, idTokenAlgorithm, type OpenIdProvider } from './openid-provider.js';
import { ProviderAway } from './provider-calls.js';

/** Signing in, perhaps with a second factor, and reading what is asked. */
const VISIT_LIFE_MS = 10 * 60_000;
/** A link may be followed in the moment it was made, before the invitation has come through Kafka. */
const INVITE_ON_ITS_WAY_MS = 2000;
const LOOK_EVERY_MS = 100;
/** Made-up invites must not tie up more than this many requests. */
const MOST_WAITING = 32;
/** Below the time that the gateway waits for this answer. */
const DEADLINE_MS = 4000;

export type Begun =
  | { readonly kind: 'redirect'; readonly location: string; readonly cookie: string }
  | { readonly kind: 'page'; readonly outcome: ConsentOutcome };

/** A person has followed the link of an invitation: sends them on to the vendor, or says why not. */
export class BeginConsent {
  private waiting = 0;

  constructor(private readonly parts: ConsentParts) {}

  async run(tenantId: string, inviteToken: string | null): Promise<Begun> {
    const invite = isToken(inviteToken) ? await this.arrived(digestOf(inviteToken)) : null;
    const problem = inviteProblem(invite, tenantId, Date.now());
    if (invite === null || problem === 'link-unknown') return page('link-unknown');
    const begun = problem === null ? await this.withInvite(invite) : page(problem);
    // Of links that nobody has made nothing is told: anybody can make such up.
    if (begun.kind === 'page') await this.told(invite, begun.outcome);
    return begun;
  }

  private async withInvite(invite: Invite): Promise<Begun> {
    const { tenantId } = invite;
    const { database, rows, calls, publicUrl } = this.parts;
    const target = await rows.findTarget(database, tenantId);
    const wrong = targetProblem(target, invite, callbackUrlOf(publicUrl));
    if (target === null || wrong !== null) return page(wrong ?? 'nothing-to-consent');
    if (!calls.maySendTo(target.connection.consent?.authorizeUrl ?? '')) return page('setup-incomplete');
    const provider = await this.provider(target.connection);
    return typeof provider === 'string' ? page(provider) : this.send(invite, target, provider);
  }

  private async send(invite: Invite, target: ConsentTarget, provider: OpenIdProvider | null): Promise<Begun> {
    const { connection } = target;
    const nonce = newToken();
    const state = newToken();
    const mark = newToken();
    const result = await runStrategy(
      {
        connection,
        callbackUrl: callbackUrlOf(this.parts.publicUrl),
        scopes: provider === null ? [connection.scopes] : ['openid', connection.scopes],
        nonce: provider === null ? null : nonce,
        keep: (verifier) => this.keep(invite, connection, provider, { state, mark, verifier, nonce }),
        verifierOf: () => '',
        exchange: () => Promise.reject(new Error('nothing has come back yet')),
      },
      {},
    );
    if (result.kind !== 'redirect') throw result.kind === 'failed' ? result.cause : new Error('no address to go to');
    const cookie = setMark(this.parts.publicUrl, digestOf(state), mark);
    this.parts.log.info({ tenantId: invite.tenantId, credentialId: connection.credentialId }, 'consent begun');
    return { kind: 'redirect', location: result.location, cookie };
  }

  private async keep(
    invite: Invite,
    { credentialId }: Connection,
    provider: OpenIdProvider | null,
    { state, mark, verifier, nonce }: Record<'state' | 'mark' | 'verifier' | 'nonce', string>,
  ): Promise<string> {
    const now = Date.now();
    const visit = {
      sha256: digestOf(state),
      inviteSha256: invite.sha256,
      tenantId: invite.tenantId,
      credentialId,
      browserSha256: digestOf(mark),
      provider,
      expiresAt: now + VISIT_LIFE_MS,
    };
    await this.parts.database.transaction(async (tx) => {
      await this.parts.rows.putVisit(tx, visit, { verifier, nonce }, now);
      await this.parts.audit.used(tx, {
        action: 'consent-begun',
        actor: personActor(null),
        tenantId: invite.tenantId,
        reason: 'invitation',
        detail: { credentialId, invite: invite.sha256.slice(0, 12) },
      });
    });
    return state;
  }

  private told({ tenantId, sha256 }: Invite, outcome: ConsentOutcome): Promise<void> {
    const detail = { invite: sha256.slice(0, 12) };
    const note = { action: 'consent-failed', actor: personActor(null), tenantId, reason: outcome, detail } as const;
    return this.parts.audit.used(this.parts.database, note);
  }

  private async arrived(sha256: string): Promise<Invite | null> {
    const { database, rows } = this.parts;
    const until = Date.now() + INVITE_ON_ITS_WAY_MS;
    let found = await rows.findInvite(database, sha256);
    if (found !== null || this.waiting >= MOST_WAITING) return found;
    this.waiting += 1;
    try {
      while (found === null && Date.now() < until) {
        await sleep(LOOK_EVERY_MS);
        found = await rows.findInvite(database, sha256);
      }
    } finally {
      this.waiting -= 1;
    }
    return found;
  }

  /** Asked for before the person leaves: a vendor that is away is better met here than after consenting. */
  private async provider(connection: Connection): Promise<OpenIdProvider | null | ConsentOutcome> {
    if (idTokenAlgorithm(connection) === null) return null;
    try {
      return await this.parts.calls.discover(connection, AbortSignal.timeout(DEADLINE_MS));
    } catch (error) {
      const { credentialId } = connection;
      if (error instanceof ProviderAway) {
        this.parts.log.warn({ credentialId, detail: error.message }, 'openid provider does not answer');
        return 'vendor-away';
      }
      if (error instanceof DiscoveryRefused) {
        this.parts.log.warn({ credentialId, detail: error.message }, 'openid provider refused');
        return 'answer-not-genuine';
      }
      throw error;
    }
  }
}

function page(outcome: ConsentOutcome): Begun {
  return { kind: 'page', outcome };
}
