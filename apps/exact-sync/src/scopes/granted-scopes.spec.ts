import type { CredentialValue } from '@relay/contracts';
import { describe, expect, it } from 'vitest';
import { GrantedScopes } from './granted-scopes.js';

const BASE = ['practice.get', 'productsubscription.get'];
const value = (over: Partial<CredentialValue>): CredentialValue => ({
  credentialId: 'exact:qa/c',
  tenantId: 'exact:qa',
  health: 'proven',
  inForce: true,
  version: 1,
  checkedAt: '2026-11-26T12:00:00.000Z',
  expiresAt: null,
  code: null,
  ...over,
});

function setUp() {
  const scopes = new GrantedScopes('exact:qa');
  let changes = 0;
  scopes.onChange(() => (changes += 1));
  const take = (...values: readonly CredentialValue[]) =>
    scopes.take({ messages: values.map((one) => ({ key: one.credentialId, value: one })) } as never);
  return { scopes, take, changes: () => changes };
}

describe('what the client is granted', () => {
  it('is unknown until the broker has said it', () => {
    const { scopes, take, changes } = setUp();
    take(value({}));
    expect(scopes.setOf('practice')).toBeNull();
    expect(changes()).toBe(0);
    take(value({ version: 2, capabilities: { granted: BASE, missing: ['patient.get'] } }));
    expect(scopes.setOf('practice')).toEqual({ kind: 'granted', scopes: BASE.join(' '), listOnly: false });
    expect(scopes.setOf('patient')).toEqual({ kind: 'missing', missing: ['patient.list'] });
    expect(changes()).toBe(1);
  });

  it('is news only when it differs', () => {
    const { take, changes } = setUp();
    const capabilities = { granted: BASE, missing: [] };
    take(value({ capabilities }));
    take(value({ version: 2, capabilities }));
    expect(changes()).toBe(1);
  });

  it('is news too when the vendor refuses the client itself, and when it does so no longer', () => {
    const { scopes, take, changes } = setUp();
    const capabilities = { granted: BASE, missing: [] };
    take(value({ capabilities }));
    take(value({ version: 2, health: 'rejected', code: 'invalid_client', capabilities }));
    expect([changes(), scopes.isRejected()]).toEqual([2, true]);
    take(value({ version: 3, capabilities }));
    expect([changes(), scopes.isRejected()]).toEqual([3, false]);
  });

  it('is that of the client in force in this environment', () => {
    const { scopes, take } = setUp();
    const rich = { granted: [...BASE, 'patient.get', 'patient.list'], missing: [] };
    const poor = { granted: BASE, missing: [] };
    take(
      value({ credentialId: 'exact:production/c', tenantId: 'exact:production', capabilities: rich, version: 9 }),
      value({ credentialId: 'exact:qa/old', inForce: false, capabilities: rich, version: 8 }),
      value({ capabilities: poor, version: 3 }),
    );
    expect(scopes.setOf('patient')?.kind).toBe('missing');
  });
});
