import { describe, expect, it } from 'vitest';
import {
  CANDIDATE_LIFE_MS,
  candidateVerdict,
  registrationStep,
  takesOver,
  type CandidateTry,
  type CredentialStage,
  type TriedCandidate,
  type TriedCredential,
} from './candidate-steps.js';
import type { Connection } from './connection.js';

const NOW = Date.UTC(2026, 0, 1);
const LIMITS = { minMs: 1000, maxMs: 60_000 };
const connection = (over: Partial<Connection> = {}): Connection => ({
  credentialId: 'provet:h:9/c',
  tenantId: 'provet:h:9',
  clientId: 'c',
  clientType: 'confidential',
  grant: 'client_credentials',
  host: 'h',
  tokenUrl: 'https://h/9/oauth2/token/',
  scopes: 'restapi',
  secret: 's',
  consent: null,
  source: 'hookup',
  receivedAt: 100,
  ...over,
});
const tried = (stage: CredentialStage, over: Partial<Connection> = {}): TriedCredential => ({
  connection: connection(over),
  stage,
  inForce: stage === 'proven' || stage === 'refused' || stage === 'awaiting-consent',
});

describe('a registration', () => {
  const step = (received: Connection, candidate: Connection | null = null, known: TriedCredential | null = null) =>
    registrationStep(received, { candidate, tried: known }).do;

  it('is tried when it is new', () => {
    expect(step(connection())).toBe('try');
  });

  it('is only noted when the same one works, or is being tried', () => {
    expect(step(connection({ receivedAt: 200 }), null, tried('proven'))).toBe('note');
    expect(step(connection({ receivedAt: 200 }), null, tried('refused'))).toBe('note');
    expect(step(connection({ receivedAt: 200 }), null, tried('awaiting-consent'))).toBe('note');
    expect(step(connection({ receivedAt: 200 }), connection())).toBe('note');
  });

  it('is tried again with another secret or address, or after it was rejected, replaced or withdrawn', () => {
    expect(step(connection({ receivedAt: 200, secret: 'new' }), null, tried('proven'))).toBe('try');
    expect(step(connection({ receivedAt: 200, tokenUrl: 'https://h/9/t/' }), null, tried('proven'))).toBe('try');
    expect(step(connection({ receivedAt: 200, secret: 'new' }), connection())).toBe('try');
    for (const stage of ['rejected', 'replaced', 'withdrawn'] as const) {
      expect(step(connection({ receivedAt: 200 }), null, tried(stage))).toBe('try');
    }
  });

  it('is tried again with its first secret while another one is being tried beside it', () => {
    expect(step(connection({ receivedAt: 300 }), connection({ secret: 'new', receivedAt: 200 }), tried('proven'))).toBe(
      'try',
    );
  });

  it('changes nothing when it is older than what is known, or the same message again', () => {
    expect(step(connection({ secret: 'old' }), connection({ receivedAt: 200 }))).toBe('ignore');
    expect(step(connection({ secret: 'old' }), null, tried('proven', { receivedAt: 200 }))).toBe('ignore');
    expect(step(connection(), null, tried('rejected'))).toBe('ignore');
    expect(step(connection(), null, tried('replaced'))).toBe('ignore');
  });

  it('waits for consent with the authorization code grant, secret or not', () => {
    expect(step(connection({ grant: 'authorization_code', secret: null }))).toBe('await-consent');
  });

  it('is rejected when a confidential client has no secret; a public one needs none', () => {
    expect(registrationStep(connection({ secret: null }), { candidate: null, tried: null })).toEqual({
      do: 'reject',
      code: 'no-secret',
    });
    expect(step(connection({ secret: null, clientType: 'public' }))).toBe('try');
  });
});

describe('the verdict on a candidate', () => {
  const failed = { kind: 'failed', detail: 'connect', retryAfterMs: null, isAlive: false } as const;
  const judge = (tried: CandidateTry, over: Partial<TriedCandidate> = {}, random = 0.5) => {
    const candidate = { since: NOW, attempts: 1, wasRefused: false, needsConsent: false, ...over };
    return candidateVerdict(tried, candidate, NOW, LIMITS, () => random);
  };

  it('is rejected only by the vendor, or when nobody could be asked for 72 hours', () => {
    expect(judge({ kind: 'rejected', code: 'invalid_client' })).toEqual({ kind: 'rejected', code: 'invalid_client' });
    expect(judge(failed, { since: NOW - CANDIDATE_LIFE_MS + 1 }).kind).toBe('again');
    const code = 'token-endpoint-unreachable';
    expect(judge(failed, { since: NOW - CANDIDATE_LIFE_MS })).toEqual({ kind: 'rejected', code });
    expect(judge(failed, { since: 0, needsConsent: true })).toEqual({ kind: 'await-consent', code });
  });

  it('is tried again after a pause, or after what the vendor asks for if that is longer', () => {
    expect(judge(failed, {}, 0)).toEqual({ kind: 'again', at: NOW + 1000, fresh: false });
    expect(judge({ ...failed, retryAfterMs: 90_000 }, {}, 0)).toMatchObject({ at: NOW + 90_000 });
    expect(judge({ kind: 'wait', until: NOW + 7 })).toEqual({ kind: 'again', at: NOW + 7, fresh: false });
  });

  it('is proven by a token with a read, and gets one more token when the first is refused', () => {
    expect(judge({ kind: 'proved' })).toEqual({ kind: 'proven' });
    expect(judge({ kind: 'token-refused' })).toEqual({ kind: 'again', at: NOW, fresh: true });
    const refused = { kind: 'token-refused' } as const;
    expect(judge(refused, { wasRefused: true })).toEqual({ kind: 'rejected', code: 'token-refused' });
    expect(judge(refused, { wasRefused: true, needsConsent: true })).toMatchObject({ kind: 'await-consent' });
  });

  it('goes back to a person when the consent has ended', () => {
    expect(judge({ kind: 'over', code: 'invalid_grant' })).toEqual({ kind: 'await-consent', code: 'invalid_grant' });
  });
});

it('takes over unless one that was received later already works', () => {
  expect(takesOver({ receivedAt: 5 }, null)).toBe(true);
  expect(takesOver({ receivedAt: 5 }, { receivedAt: 4 })).toBe(true);
  expect(takesOver({ receivedAt: 5 }, { receivedAt: 5 })).toBe(true);
  expect(takesOver({ receivedAt: 5 }, { receivedAt: 6 })).toBe(false);
});
