import { faultPoint } from '@relay/service-kit';
import { personActor } from '../audit/audit-trail.js';
import type { Connection } from '../credentials/connection.js';
import type { Visit, VisitSecrets } from '../persistence/consent-rows.js';
import { readMark } from './browser-mark.js';
import type { ConsentOutcome } from './consent-outcomes.js';
import { callbackUrlOf, inviteProblem, targetProblem, type ConsentParts } from './consent-parts.js';
import { runStrategy, type Granted } from './consent-strategy.js';
import { digestOf, isToken, isTokenOf } from './consent-tokens.js';
import { IdTokenRefused, verifyIdToken } from './id-token.js';
import { idTokenAlgorithm, isRightIssuer } from './openid-provider.js';
import { ProviderAway } from './provider-calls.js';

/** One visit may work on an invitation for this long; after a crash the next may. Longer than the deadline below. */
const CLAIM_MS = 60_000;
/** Below the time that the gateway waits for this answer. */
const DEADLINE_MS = 8000;
const LONGEST_CODE = 4096;

/** What the vendor sent the browser back with. Null: absent, or not a single text. */
export interface VendorAnswer {
  readonly state: string | null;
  readonly code: string | null;
  readonly error: string | null;
  readonly iss: string | null;
  readonly cookies: string | undefined;
}

export interface Finished {
  readonly outcome: ConsentOutcome;
  /** Of the visit that has ended; null when none was found. */
  readonly stateSha256: string | null;
}

/** Ends a consent with an outcome that is not an error of ours. */
class Ended extends Error {
  readonly code = 'consent-ended';
  readonly retryable = false;

  constructor(
    readonly outcome: ConsentOutcome,
    readonly why: string,
  ) {
    super(why);
    this.name = 'Ended';
  }
}

/** The vendor has sent a person back: checks that the answer belongs here, and turns it into a grant. */
export class FinishConsent {
  constructor(private readonly parts: ConsentParts) {}

  async run(answer: VendorAnswer): Promise<Finished> {
    const { database, rows, log } = this.parts;
    if (!isToken(answer.state)) return { outcome: 'visit-unknown', stateSha256: null };
    const sha256 = digestOf(answer.state);
    const visit = await rows.findVisit(database, sha256);
    const problem = visitProblem(visit, answer.cookies, Date.now());
    if (visit === null) return { outcome: 'visit-unknown', stateSha256: null };
    if (problem !== null) {
      await this.told(visit, problem, null);
      return { outcome: problem, stateSha256: null };
    }
    const { tenantId, credentialId } = visit;
    const outcome = await this.outcomeOf(visit, answer, answer.state).catch(async (error: unknown) => {
      if (!(error instanceof Ended)) throw error;
      await this.told(visit, error.outcome, error.why);
      log.warn({ tenantId, credentialId, outcome: error.outcome, detail: error.why }, 'consent not completed');
      return error.outcome;
    });
    if (outcome === 'connected') log.info({ tenantId, credentialId }, 'consent completed');
    return { outcome, stateSha256: sha256 };
  }

  /** What a consent has come to that was not given. One that was is told where the grant is taken over. */
  private told(visit: Visit, outcome: ConsentOutcome, why: string | null): Promise<void> {
    const { tenantId, credentialId, inviteSha256 } = visit;
    const detail = { credentialId, invite: inviteSha256.slice(0, 12), ...(why === null ? {} : { why }) };
    const note = { action: 'consent-failed', actor: personActor(null), tenantId, reason: outcome, detail } as const;
    return this.parts.audit.used(this.parts.database, note);
  }

  private async outcomeOf(visit: Visit, answer: VendorAnswer, state: string): Promise<ConsentOutcome> {
    const { database, rows, publicUrl } = this.parts;
    const secrets = await rows.takeVisit(database, visit.sha256, Date.now());
    if (secrets === null) throw new Ended('visit-used', 'another request was quicker');
    const invite = await rows.findInvite(database, visit.inviteSha256);
    const target = await rows.findTarget(database, visit.tenantId);
    if (target !== null && !isRightIssuer(answer.iss, visit.provider, target.connection)) {
      throw new Ended('answer-not-genuine', 'issuer');
    }
    if (answer.error !== null) {
      const word = answer.error === 'access_denied' ? 'refused' : 'vendor-error';
      throw new Ended(word, /^[a-z_]{1,40}$/.test(answer.error) ? answer.error : 'error');
    }
    const wrong = inviteProblem(invite, visit.tenantId, Date.now());
    if (invite === null || wrong !== null) throw new Ended(wrong ?? 'link-unknown', 'invite');
    const problem = targetProblem(target, invite, callbackUrlOf(publicUrl));
    if (target === null || problem !== null) throw new Ended(problem ?? 'nothing-to-consent', 'target');
    const { connection } = target;
    // A newer registration has come meanwhile: what this person consented to is another client's.
    if (connection.credentialId !== visit.credentialId) throw new Ended('nothing-to-consent', 'another credential');
    if (answer.code === null || answer.code.length > LONGEST_CODE) throw new Ended('vendor-error', 'no code');
    return this.claimed(visit, () => this.connect(visit, connection, secrets, { state, code: answer.code as string }));
  }

  /** Only one visit at a time may use an invitation; one that fails leaves it to the next. */
  private async claimed(visit: Visit, work: () => Promise<ConsentOutcome>): Promise<ConsentOutcome> {
    const { database, rows } = this.parts;
    const now = Date.now();
    if (!(await rows.claimInvite(database, visit.inviteSha256, now, now + CLAIM_MS))) {
      throw new Ended('link-used', 'used by another visit');
    }
    try {
      return await work();
    } catch (error) {
      await rows.releaseInvite(database, visit.inviteSha256);
      throw error;
    }
  }

  private async connect(
    visit: Visit,
    connection: Connection,
    secrets: VisitSecrets,
    query: { readonly state: string; readonly code: string },
  ): Promise<ConsentOutcome> {
    const { database, rows, grants } = this.parts;
    const signal = AbortSignal.timeout(DEADLINE_MS);
    const granted = await this.exchange(connection, secrets, query, signal);
    const scopes = granted.scope?.split(' ') ?? null;
    if (scopes !== null && !connection.scopes.split(' ').every((scope) => scopes.includes(scope))) {
      throw new Ended('vendor-error', 'scope not granted');
    }
    const consentedBy = await this.person(visit, connection, secrets, granted, signal);
    const outcome = await grants.accept(connection.credentialId, {
      accessToken: granted.accessToken,
      refreshToken: granted.refreshToken,
      expiresIn: Math.floor((granted.expiresAt - granted.issuedAt) / 1000),
      scope: granted.scope,
      consentedBy,
      inviteSha256: visit.inviteSha256,
    });
    await faultPoint('token-broker:after-consent');
    switch (outcome) {
      case 'accepted':
        await rows.useInvite(database, visit.inviteSha256, Date.now());
        return 'connected';
      case 'unknown-credential':
        throw new Ended('nothing-to-consent', 'the registration is gone');
      case 'no-secret':
        throw new Ended('setup-incomplete', 'no secret');
      default:
        return outcome satisfies never;
    }
  }

  private async exchange(
    connection: Connection,
    { verifier }: VisitSecrets,
    query: { readonly state: string; readonly code: string },
    signal: AbortSignal,
  ): Promise<Granted> {
    const callbackUrl = callbackUrlOf(this.parts.publicUrl);
    const result = await runStrategy(
      {
        connection,
        callbackUrl,
        scopes: [],
        nonce: null,
        keep: () => Promise.reject(new Error('nobody is sent away here')),
        verifierOf: () => verifier,
        exchange: async (code, codeVerifier) => {
          const ask = { grant: 'authorization_code', code, redirectUri: callbackUrl, codeVerifier } as const;
          const answer = await this.parts.endpoint.ask(connection, ask, { signal });
          switch (answer.kind) {
            case 'granted':
              return answer;
            case 'rejected':
              throw new Ended('vendor-error', answer.code);
            case 'failed':
              // Not repeated, even where it may have had no effect: a code is good once, and a new visit costs a click.
              throw new Ended('vendor-away', answer.detail);
            default:
              return answer satisfies never;
          }
        },
      },
      query,
    );
    if (result.kind === 'granted') return result.granted;
    throw result.kind === 'failed' ? result.cause : new Error('the strategy sends the browser away once more');
  }

  /** Who consented, or null where the vendor does not say. An id token that is wrong makes the whole answer worthless. */
  private async person(
    visit: Visit,
    connection: Connection,
    { nonce }: VisitSecrets,
    granted: Granted,
    signal: AbortSignal,
  ): Promise<string | null> {
    const { calls } = this.parts;
    const { provider } = visit;
    const algorithm = idTokenAlgorithm(connection);
    if (provider === null || algorithm === null) return null;
    if (granted.idToken === null) {
      const openidWithheld = granted.scope !== null && !granted.scope.split(' ').includes('openid');
      if (openidWithheld) return null;
      throw new Ended('answer-not-genuine', 'no id token');
    }
    const { clientId, secret } = connection;
    const jwks = () => calls.jwks(provider, signal);
    const rules = { algorithm, issuer: provider.issuer, clientId, secret, nonce, jwks };
    try {
      const person = await verifyIdToken(granted.idToken, rules);
      return person.name ?? (await calls.nameOf(person, provider, granted.accessToken, signal));
    } catch (error) {
      if (error instanceof IdTokenRefused) throw new Ended('answer-not-genuine', `id token: ${error.message}`);
      if (error instanceof ProviderAway) throw new Ended('vendor-away', error.message);
      throw error;
    }
  }
}

function visitProblem(
  visit: (Visit & { readonly isUsed: boolean }) | null,
  cookies: string | undefined,
  now: number,
): ConsentOutcome | null {
  if (visit === null) return 'visit-unknown';
  if (visit.isUsed) return 'visit-used';
  // Before anything is used up: whoever has only seen the address must not be able to spoil the visit.
  if (!isTokenOf(readMark(cookies, visit.sha256), visit.browserSha256)) return 'other-browser';
  return visit.expiresAt <= now ? 'visit-expired' : null;
}
