import { isLegalEdge } from './edges.js';
import { newLife, stateOf, type Facts, type Life } from './life.js';

/** Everything that can happen to a tenant. Instants are ISO 8601. */
export type LifeEvent =
  /** Provet: a registration that was not seen before. */
  | { readonly kind: 'registered' }
  /** Provet: what the token-broker says of the credential that counts. */
  | { readonly kind: 'credential'; readonly worth: Exclude<Facts['credential'], 'unknown'> }
  /** EXACT: a good listing names the practice. `askedAt` is when that listing was asked for. */
  | { readonly kind: 'listed'; readonly askedAt: string }
  /** EXACT: a good listing does not name it. */
  | { readonly kind: 'missing' }
  /** EXACT: the practice's details were read, asked for at `observedAt`. `tooOld`: its EXACT can answer nothing of what is enabled. */
  | { readonly kind: 'details-read'; readonly observedAt: string; readonly tooOld: boolean }
  /** The sync gets 404 for everything. */
  | { readonly kind: 'not-found' }
  /** EXACT: calls get 403 since then. */
  | { readonly kind: 'calls-refused'; readonly since: string }
  /** EXACT: calls no longer get 403. */
  | { readonly kind: 'calls-answered' }
  | { readonly kind: 'suspend' }
  | { readonly kind: 'resume' }
  | { readonly kind: 'withdraw' }
  /** It has been withdrawn for long enough: its records are purged. */
  | { readonly kind: 'purge' };

/** `changed: false` = the event was taken and made no difference. A refusal says why the event cannot apply now. */
export type Advance =
  | { readonly ok: true; readonly changed: boolean; readonly life: Life }
  | { readonly ok: false; readonly refusal: string };

/** The next life of a tenant, or a refusal. Never leaves the edges of contract §4. */
export function advance(life: Life, event: LifeEvent, now: string): Advance {
  if (life.facts.presence !== 'here') return advanceGone(life, event, now);
  const facts = factsAfter(life, event);
  if (typeof facts === 'string') return refuse(facts);
  const { state, reason } = stateOf(life.vendor, facts);
  if (!isLegalEdge(life.state, state)) return refuse(`a tenant that is ${life.state} cannot become ${state}`);
  const moved = state !== life.state || reason !== life.reason;
  const changed = moved || !sameFacts(facts, life.facts);
  return {
    ok: true,
    changed,
    life: changed ? { ...life, state, reason, facts, since: moved ? now : life.since } : life,
  };
}

/** A tenant that was withdrawn hears of nothing but its own return. */
function advanceGone(life: Life, event: LifeEvent, now: string): Advance {
  const { facts } = life;
  if (event.kind === 'registered' || (event.kind === 'listed' && !facts.stillListed)) {
    return { ok: true, changed: true, life: newLife(life.vendor, now, facts.purgedAt ?? null) };
  }
  if (event.kind === 'purge' && facts.presence === 'withdrawn') {
    const purged: Facts = { ...facts, presence: 'purged', purgedAt: now };
    return { ok: true, changed: true, life: { ...life, ...stateOf(life.vendor, purged), since: now, facts: purged } };
  }
  if (event.kind === 'missing' && facts.stillListed) {
    return { ok: true, changed: true, life: { ...life, facts: { ...facts, stillListed: false } } };
  }
  return refuse(`the tenant is ${life.state}`);
}

function refuse(refusal: string): Advance {
  return { ok: false, refusal };
}

function sameFacts(a: Facts, b: Facts): boolean {
  const names = new Set([...Object.keys(a), ...Object.keys(b)] as (keyof Facts)[]);
  // What earlier releases have not stored is the same as nothing.
  return [...names].every((name) => (a[name] || null) === (b[name] || null));
}

/** The facts after an event on a tenant that is here, or the words of a refusal. */
function factsAfter(life: Life, event: LifeEvent): Facts | string {
  const { facts } = life;
  switch (event.kind) {
    case 'registered':
      // A practice that registers again exists again: what its calls said before no longer counts.
      return { ...facts, ...NO_TROUBLE };
    case 'credential':
      return { ...facts, credential: event.worth };
    case 'listed':
      return factsWhenListed(facts, event.askedAt);
    case 'missing':
      // The second good listing without the practice ends it; the first only stops the calls.
      if (facts.missing) return { ...facts, presence: 'withdrawn', operatorSuspended: false };
      return { ...facts, ...NO_TROUBLE, missing: true, refusedSince: null };
    case 'details-read':
      return whenAnswered({ ...facts, detailsRead: true, tooOld: event.tooOld }, event.observedAt);
    case 'not-found':
      return { ...facts, trouble: 'not-found' };
    case 'calls-refused':
      return facts.refusedSince === null ? { ...facts, refusedSince: event.since } : facts;
    case 'calls-answered':
      return { ...facts, refusedSince: null };
    case 'suspend':
      return facts.operatorSuspended ? 'the tenant is already suspended' : { ...facts, operatorSuspended: true };
    case 'resume':
      return factsWhenResumed(life);
    case 'withdraw': {
      const stillListed = life.vendor === 'exact' && !facts.missing;
      return { ...facts, presence: 'withdrawn', operatorSuspended: false, stillListed };
    }
    case 'purge':
      return `the tenant is ${life.state}, not withdrawn`;
    default:
      return event satisfies never;
  }
}

function factsWhenListed(facts: Facts, askedAt: string): Facts {
  // Back on the list: details are read again before calls go on, which also proves that calls are answered.
  if (facts.missing) return { ...facts, missing: false, detailsRead: false };
  // Only a listing asked for after the 403 can say that the list is no explanation for it.
  if (facts.refusedSince !== null && Date.parse(askedAt) > Date.parse(facts.refusedSince)) {
    const lost = facts.trouble === null ? { trouble: 'subscription-lost' as const, lostAt: askedAt } : {};
    return { ...facts, ...lost, refusedSince: null };
  }
  return isLater(facts, askedAt) ? recovered({ ...facts, listedAgain: true }) : facts;
}

/** A harmless call that is answered speaks against the loss as a listing does: each alone may be wrong, or old. */
function whenAnswered(facts: Facts, observedAt: string): Facts {
  return isLater(facts, observedAt) ? recovered({ ...facts, answeredAgain: true }) : facts;
}

function isLater({ trouble, lostAt }: Facts, instant: string): boolean {
  return trouble === 'subscription-lost' && Date.parse(instant) > Date.parse(lostAt ?? '1970-01-01T00:00:00Z');
}

function recovered(facts: Facts): Facts {
  return facts.listedAgain === true && facts.answeredAgain === true ? { ...facts, ...NO_TROUBLE } : facts;
}

const NO_TROUBLE = { trouble: null, lostAt: null, listedAgain: false, answeredAgain: false } as const;

function factsWhenResumed(life: Life): Facts | string {
  const { facts } = life;
  if (!facts.operatorSuspended && facts.trouble === null) {
    return life.state === 'suspended'
      ? `the tenant is suspended because of ${life.reason}; a resume cannot end that`
      : `the tenant is ${life.state}`;
  }
  return { ...facts, ...NO_TROUBLE, operatorSuspended: false, refusedSince: null };
}
