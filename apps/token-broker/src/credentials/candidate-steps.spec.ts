import { describe, expect, it } from 'vitest';
import {
  CANDIDATE_LIFE_MS,
  candidateVerdict,
  registrationStep,
  takesOver,
  type CredentialStage,
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
  inForce: stage === 'proven' || stage === 'refused',
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
  const failed = { kind: 'failed', detail: 'connect', retryAfterMs: null } as const;
  const judge = (answer: Parameters<typeof candidateVerdict>[0], receivedAt: number, random = 0.5) =>
    candidateVerdict(answer, { receivedAt, attempts: 1 }, NOW, LIMITS, () => random);

  it('is rejected only by the vendor, or when nobody could be asked for 72 hours', () => {
    expect(judge({ kind: 'rejected', code: 'invalid_client' }, NOW)).toEqual({
      kind: 'rejected',
      code: 'invalid_client',
    });
    expect(judge(failed, NOW - CANDIDATE_LIFE_MS + 1).kind).toBe('again');
    expect(judge(failed, NOW - CANDIDATE_LIFE_MS)).toEqual({ kind: 'rejected', code: 'token-endpoint-unreachable' });
  });

  it('is tried again after a pause, or after what the vendor asks for if that is longer', () => {
    expect(judge(failed, NOW, 0)).toEqual({ kind: 'again', at: NOW + 1000 });
    expect(judge({ ...failed, retryAfterMs: 90_000 }, NOW, 0)).toEqual({ kind: 'again', at: NOW + 90_000 });
  });
});

it('takes over unless one that was received later already works', () => {
  expect(takesOver({ receivedAt: 5 }, null)).toBe(true);
  expect(takesOver({ receivedAt: 5 }, { receivedAt: 4 })).toBe(true);
  expect(takesOver({ receivedAt: 5 }, { receivedAt: 5 })).toBe(true);
  expect(takesOver({ receivedAt: 5 }, { receivedAt: 6 })).toBe(false);
});
