import type { PracticeDetailsValue } from '@relay/contracts';
import { exactTenant } from '@relay/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareVersions, isOlder } from './exact-version.js';
import { VersionGates, isTooOldForAll } from './version-gates.js';

const tenant = exactTenant();
const details = (version: string | null): PracticeDetailsValue => ({
  tenantId: tenant.tenantId,
  environment: 'qa',
  practiceId: 'UKTEST1',
  name: null,
  country: null,
  version,
  observedAt: '2026-11-27T00:00:00.000Z',
});
const minimumOf = (resource: string): string => (resource === 'patient' ? '13.856' : '13.842');

describe('versions of EXACT', () => {
  it.each([
    ['13.842', '13.856', true],
    ['13.9', '13.842', true],
    ['13.842', '13.842', false],
    ['13.842.1', '13.842', false],
    ['13', '13.0', false],
    ['14', '13.900', false],
    [' v13.842 (build 7)', '13.856', true],
    ['unknown', '13.842', false],
  ])('%s is older than %s: %s', (one, other, older) => {
    expect(isOlder(one, other)).toBe(older);
  });

  it('are in one order, whatever they are', () => {
    const version = fc.array(fc.nat(2_000), { minLength: 1, maxLength: 4 }).map((parts) => parts.join('.'));
    fc.assert(
      fc.property(version, version, version, (a, b, c) => {
        const [ab, ba] = [compareVersions(a, b) as number, compareVersions(b, a) as number];
        expect(Math.sign(ab) + Math.sign(ba)).toBe(0);
        const isAscending = ab <= 0 && (compareVersions(b, c) as number) <= 0;
        expect(isAscending && (compareVersions(a, c) as number) > 0).toBe(false);
      }),
    );
  });
});

describe('what a practice is too old for', () => {
  it('is named with the version that it takes, and asked for as soon as it has that', () => {
    let version: string | null = '13.850';
    const gates = new VersionGates({ of: () => details(version) }, minimumOf);
    expect(gates.lacking(tenant, 'patient')).toBe('version-too-old: 13.856');
    expect(gates.lacking(tenant, 'appointment')).toBeNull();
    version = '13.856';
    expect(gates.lacking(tenant, 'patient')).toBeNull();
  });

  it('is nothing while its version is not known', () => {
    expect(new VersionGates({ of: () => null }, minimumOf).lacking(tenant, 'patient')).toBeNull();
    expect(new VersionGates({ of: () => details('?') }, minimumOf).lacking(tenant, 'patient')).toBeNull();
  });

  it('is also what it has answered 501 to, until its version is another one', () => {
    let version = '13.860';
    const gates = new VersionGates({ of: () => details(version) }, minimumOf);
    expect(gates.refuse(tenant, 'patient')).toBe('version-too-old: newer than 13.860');
    expect(gates.lacking(tenant, 'patient')).toBe('version-too-old: newer than 13.860');
    expect(gates.lacking(exactTenant({ tenantId: 'exact:qa:OTHER' }), 'patient')).toBeNull();
    version = '13.861';
    expect(gates.lacking(tenant, 'patient')).toBeNull();
  });

  it('is a reason to suspend it only when that is everything', () => {
    expect(isTooOldForAll('13.850', ['patient', 'appointment'], minimumOf)).toBe(false);
    expect(isTooOldForAll('13.841', ['patient', 'appointment'], minimumOf)).toBe(true);
    expect(isTooOldForAll(null, ['patient'], minimumOf)).toBe(false);
  });
});
