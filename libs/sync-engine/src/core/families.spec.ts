import { describe, expect, it } from 'vitest';
import type { ResourceSpec } from '../ports/connector.js';
import { ENGINE_RULES } from './engine-rules.js';
import { familyRef, wantedFamilies } from './families.js';
import { NEW_FACTS, type ResourceFacts } from './model.js';

const T = 1_795_000_000_000;
const ref = { tenantId: 't', resource: 'plan', recordId: '7' };
const spec: ResourceSpec = {
  name: 'plan',
  hasDetail: true,
  modifiedMember: 'modified',
  volatileMembers: [],
  passes: [],
  hasNotices: true,
  families: ['plan-food', 'plan-supply'],
};
const live: ResourceFacts = { ...NEW_FACTS, liveAt: T - 3_600_000 };
const wanted = (newBody: string | null, food: Partial<ResourceFacts> = {}) =>
  wantedFamilies(
    spec,
    { ref, oldBody: '{}', newBody },
    { facts: (_, resource) => (resource === 'plan-food' ? { ...live, ...food } : live) },
    { now: T, rules: ENGINE_RULES },
  );
const resources = (raised: readonly { resource: string }[]) => raised.map(({ resource }) => resource);

describe('the families of a record that has changed', () => {
  it('are wanted from their beginning, each in the place of its own resource', () => {
    const raised = wanted('{"a":1}');
    expect(resources(raised)).toEqual(spec.families);
    for (const one of raised) {
      expect(one).toMatchObject({ tenantId: 't', cause: 'poll', nextAttemptAt: T, notices: 0, pass: null });
      expect(one.detail).toEqual({ family: { wholeId: '7', gone: false, position: null, seq: null, met: [] } });
    }
    // No record can have the id of that place.
    expect(familyRef(ref, 'plan-food').recordId).toMatch(/[\s/]/);
  });

  it('are not, where the vendor was lately seen to ignore the filter; those of a gone one are all the same', () => {
    const ignored = { familyIgnoredAt: T - 1_000 };
    expect(resources(wanted('{"a":1}', ignored))).toEqual(['plan-supply']);
    expect(resources(wanted('{"a":1}', { familyIgnoredAt: T - ENGINE_RULES.relearnMs }))).toEqual(spec.families);
    expect(resources(wanted(null, ignored))).toEqual(spec.families);
    expect(wanted(null)[0]?.detail.family?.gone).toBe(true);
  });

  it('are left to their first reading, where they were never read because they are forbidden', () => {
    expect(resources(wanted('{"a":1}', { forbiddenUntil: T + 1, liveAt: null }))).toEqual(['plan-supply']);
    expect(resources(wanted('{"a":1}', { forbiddenUntil: T + 1 }))).toEqual(spec.families);
  });

  it('of a record without any are none', () => {
    const { families: _families, ...bare } = spec;
    const view = { facts: () => live };
    expect(wantedFamilies(bare, { ref, oldBody: null, newBody: '{}' }, view, { now: T, rules: ENGINE_RULES })).toEqual(
      [],
    );
  });
});
