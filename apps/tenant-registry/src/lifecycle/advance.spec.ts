import { TENANT_STATES } from '@relay/contracts';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { advance, type LifeEvent } from './advance.js';
import { NEXT_STATES } from './edges.js';
import { newLife, type Life } from './life.js';

const at = (second: number): string => new Date(Date.UTC(2026, 0, 1) + second * 1000).toISOString();

const event: fc.Arbitrary<LifeEvent> = fc.oneof<fc.Arbitrary<LifeEvent>[]>(
  fc.constantFrom<LifeEvent>(
    { kind: 'registered' },
    { kind: 'missing' },
    { kind: 'not-found' },
    { kind: 'calls-answered' },
    { kind: 'suspend' },
    { kind: 'resume' },
    { kind: 'withdraw' },
    { kind: 'purge' },
  ),
  fc
    .constantFrom('proven', 'rejected', 'awaiting-consent', 'redirect-mismatch')
    .map((worth) => ({ kind: 'credential', worth })),
  fc.nat(100).map((s) => ({ kind: 'listed', askedAt: at(s) })),
  fc.tuple(fc.nat(100), fc.boolean()).map(([s, tooOld]) => ({ kind: 'details-read', observedAt: at(s), tooOld })),
  fc.nat(100).map((s) => ({ kind: 'calls-refused', since: at(s) })),
);

function run(life: Life, events: readonly LifeEvent[]): Life {
  let present = life;
  for (const [second, one] of events.entries()) {
    const next = advance(present, one, at(second));
    if (next.ok) present = next.life;
  }
  return present;
}

const provet = newLife('provet', at(0));
const exact = newLife('exact', at(0));
const path = (life: Life, ...events: LifeEvent[]): string => {
  const { state, reason } = run(life, events);
  return reason === null ? state : `${state}: ${reason}`;
};
const proven: LifeEvent = { kind: 'credential', worth: 'proven' };
const rejected: LifeEvent = { kind: 'credential', worth: 'rejected' };
const consent: LifeEvent = { kind: 'credential', worth: 'awaiting-consent' };
const mismatch: LifeEvent = { kind: 'credential', worth: 'redirect-mismatch' };
const listed = (second: number): LifeEvent => ({ kind: 'listed', askedAt: at(second) });
const read = (second: number, tooOld = false): LifeEvent => ({ kind: 'details-read', observedAt: at(second), tooOld });
const details = read(1);
const [registered, missing, notFound, suspend, resume, withdraw] = (
  ['registered', 'missing', 'not-found', 'suspend', 'resume', 'withdraw'] as const
).map((kind) => ({ kind })) as [LifeEvent, LifeEvent, LifeEvent, LifeEvent, LifeEvent, LifeEvent];

describe('the end of a tenant', () => {
  const purge: LifeEvent = { kind: 'purge' };

  it.each([
    ['is purged after its withdrawal', provet, [proven, withdraw, purge], 'purged'],
    ['is not purged while it is served', provet, [proven, purge], 'active'],
    ['is purged once', provet, [withdraw, purge, purge], 'purged'],
    ['begins anew when it returns', provet, [withdraw, purge, registered], 'pending'],
    ['hears of nothing else', provet, [withdraw, purge, proven, resume], 'purged'],
    ['stays away while its subscription was never ended', exact, [details, withdraw, purge, listed(9)], 'purged'],
    ['returns with a new subscription', exact, [details, withdraw, purge, missing, listed(9)], 'pending'],
  ] as [string, Life, LifeEvent[], string][])('%s', (_, life, events, expected) => {
    expect(path(life, ...events)).toBe(expected);
  });

  it('tells when it was purged last, also after its return', () => {
    expect(run(provet, [withdraw, purge]).facts.purgedAt).toBe(at(1));
    expect(run(provet, [withdraw, purge, registered, proven]).facts.purgedAt).toBe(at(1));
    expect(run(provet, [withdraw, purge, registered, withdraw, purge]).facts.purgedAt).toBe(at(4));
  });
});

describe('the life of a Provet tenant', () => {
  it.each([
    ['a new one', [], 'pending'],
    ['proven', [proven], 'active'],
    ['rejected at once', [rejected], 'suspended: credential-rejected'],
    ['rejected later, then proven again', [proven, rejected, proven], 'active'],
    ['needs consent', [consent], 'awaiting-consent'],
    ['gets consent', [consent, proven], 'active'],
    ['a rejected credential does not end the wait for consent', [consent, rejected], 'awaiting-consent'],
    ['registered with a foreign callback', [mismatch], 'pending: redirect-uri-mismatch'],
    ['registered anew with ours', [mismatch, consent], 'awaiting-consent'],
    ['a foreign callback does not end the wait for consent', [consent, mismatch], 'awaiting-consent'],
    ['a foreign callback of a candidate, and a proof', [mismatch, proven], 'active'],
    ['suspended by an operator', [proven, suspend], 'suspended: operator'],
    ['an operator outranks a proof', [suspend, proven], 'suspended: operator'],
    ['resumed after a proof in the meantime', [suspend, proven, resume], 'active'],
    ['resumed before any proof', [suspend, resume], 'pending'],
    ['resumed with a rejected credential', [proven, suspend, rejected, resume], 'suspended: credential-rejected'],
    ['a resume cannot mend a credential', [rejected, resume], 'suspended: credential-rejected'],
    ['gone at the vendor', [proven, notFound], 'suspended: not-found'],
    ['gone and resumed', [proven, notFound, resume], 'active'],
    ['gone and registered again', [proven, notFound, registered], 'active'],
    ['withdrawn', [proven, withdraw], 'withdrawn'],
    ['withdrawn hears of no credential', [proven, withdraw, proven], 'withdrawn'],
    ['withdrawn and back', [proven, suspend, withdraw, registered], 'pending'],
    ['a second registration changes nothing', [proven, registered], 'active'],
  ] as [string, LifeEvent[], string][])('%s', (_, events, expected) => {
    expect(path(provet, ...events)).toBe(expected);
  });
});

describe('the life of an EXACT practice', () => {
  const refused: LifeEvent = { kind: 'calls-refused', since: at(50) };
  it.each([
    ['listed only', [listed(1)], 'pending'],
    ['details read', [details], 'active'],
    ['missing once', [details, missing], 'suspended: consent-unconfirmed'],
    ['missing before its details were read', [missing], 'suspended: consent-unconfirmed'],
    ['missing twice', [details, missing, missing], 'withdrawn'],
    ['missing once and back', [details, missing, listed(2)], 'pending'],
    ['missing once, back and read', [details, missing, listed(2), details], 'active'],
    ['withdrawn and back', [details, missing, missing, listed(3)], 'pending'],
    ['withdrawn by an operator while it is subscribed', [details, withdraw, listed(3)], 'withdrawn'],
    ['withdrawn by an operator, left the list and came back', [details, withdraw, missing, listed(4)], 'pending'],
    ['refused, still listed later', [details, refused, listed(51)], 'suspended: subscription-lost'],
    ['refused, listing was asked for before', [details, refused, listed(49)], 'active'],
    ['refused for a moment only', [details, refused, { kind: 'calls-answered' }, listed(51)], 'active'],
    ['refused, then missing', [details, refused, listed(51), missing], 'suspended: consent-unconfirmed'],
    ['lost, then listed and answered', [details, refused, listed(51), listed(60), read(61)], 'active'],
    ['lost, then answered and listed', [details, refused, listed(51), read(61), listed(62)], 'active'],
    ['lost and listed alone', [details, refused, listed(51), listed(60), listed(70)], 'suspended: subscription-lost'],
    ['lost and answered alone', [details, refused, listed(51), read(60), read(70)], 'suspended: subscription-lost'],
    ['lost, answered before', [details, refused, listed(51), read(51), listed(60)], 'suspended: subscription-lost'],
    [
      'lost again after its return',
      [details, refused, listed(51), listed(60), read(61), refused, listed(90)],
      'suspended: subscription-lost',
    ],
    ['too old for everything', [read(1, true)], 'suspended: version-too-old'],
    ['too old, then updated', [read(1, true), read(2)], 'active'],
    ['an older one after an update', [read(1), read(2, true)], 'suspended: version-too-old'],
    ['too old and lost: the subscription first', [read(1, true), refused, listed(51)], 'suspended: subscription-lost'],
    ['an operator outranks a return', [details, suspend, missing, listed(2), details], 'suspended: operator'],
  ] as [string, LifeEvent[], string][])('%s', (_, events, expected) => {
    expect(path(exact, ...events)).toBe(expected);
  });
});

describe('any life', () => {
  const lives = fc.constantFrom(provet, exact);

  it('moves along the edges of the contract only, and names a reason exactly when one is due', () => {
    fc.assert(
      fc.property(lives, fc.array(event, { maxLength: 40 }), (life, events) => {
        let before = life;
        for (const [second, one] of events.entries()) {
          const next = advance(before, one, at(second));
          if (!next.ok) continue;
          const { state, reason } = next.life;
          expect([before.state, ...NEXT_STATES[before.state]]).toContain(state);
          const { facts, vendor } = next.life;
          const mismatched = vendor === 'provet' && state === 'pending' && facts.credential === 'redirect-mismatch';
          expect(reason !== null).toBe(state === 'suspended' || mismatched);
          before = next.life;
        }
      }),
      { numRuns: 500 },
    );
  });

  it('stays suspended by an operator until an operator, or the end of the tenant, says otherwise', () => {
    const others = event.filter((e) => e.kind !== 'resume' && e.kind !== 'withdraw');
    fc.assert(
      fc.property(lives, fc.array(others), (life, events) => {
        const end = run(run(life, [suspend]), events);
        const wentAway = events.filter((e) => e.kind === 'missing').length >= 2;
        expect(wentAway || end.reason === 'operator').toBe(true);
      }),
    );
  });

  it('is not changed by the same observation twice', () => {
    const observations = event.filter((e) =>
      ['credential', 'details-read', 'not-found', 'registered'].includes(e.kind),
    );
    fc.assert(
      fc.property(lives, fc.array(event), observations, (life, events, one) => {
        const once = advance(run(life, events), one, at(200));
        if (!once.ok) return;
        const twice = advance(once.life, one, at(201));
        expect(twice).toEqual({ ok: true, changed: false, life: once.life });
      }),
    );
  });

  it('knows every state of the contract', () => {
    expect(Object.keys(NEXT_STATES).sort()).toEqual([...TENANT_STATES].sort());
  });
});
