import { describe, expect, it } from 'vitest';
import { MARKS, TRIGGERS, resourceOfMember, triggersOf } from './triggers.js';

const all = [...TRIGGERS.values()];

describe('triggers', () => {
  it('holds all 68, each once', () => {
    expect([...TRIGGERS.keys()]).toEqual(Array.from({ length: 68 }, (_, index) => index + 1));
  });

  it('never lets one member stand for two resources', () => {
    const named = all.filter(({ member, resource }) => member !== null && resource !== null);
    expect(named.map(({ member }) => resourceOfMember(member ?? ''))).toEqual(named.map(({ resource }) => resource));
  });

  it('marks what is not published, and says why a trigger has no resource', () => {
    for (const trigger of all) {
      const { number, member, memberMark, resource, resourceMark, withoutResource } = trigger;
      expect(MARKS, `trigger ${number}`).toEqual(expect.arrayContaining([memberMark, resourceMark]));
      expect(memberMark === 'unknown', `member of trigger ${number}`).toBe(member === null);
      expect(resourceMark === 'unknown', `resource of trigger ${number}`).toBe(resource === null);
      expect(withoutResource === null, `reason of trigger ${number}`).toBe(resource !== null);
    }
  });

  it('calls a deletion what its name calls so, and nothing else', () => {
    for (const { number, name, kind } of all)
      expect(kind === 'deleted', `${number} ${name}`).toBe(name.endsWith('deleted'));
    expect(all.filter(({ kind }) => kind === 'other').map(({ number }) => number)).toEqual([50, 55, 59]);
  });

  it('finds the triggers of a resource, deletions included', () => {
    expect(triggersOf('appointment').map(({ number, kind }) => [number, kind])).toEqual([
      [21, 'changed'],
      [22, 'deleted'],
    ]);
    expect(triggersOf('consultation').map(({ number, kind }) => [number, kind])).toEqual([
      [3, 'changed'],
      [4, 'deleted'],
      [17, 'changed'],
      [45, 'changed'],
    ]);
    expect(triggersOf('patient').map(({ number }) => number)).toEqual([2]);
    expect(triggersOf('vatgroup')).toEqual([]);
  });
});

describe('a member that the vendor does not publish', () => {
  it.each([
    ['unallocatedpayment_id', 'unallocatedpayment'],
    ['unallocated_payment_id', 'unallocatedpayment'],
    ['appointmentreminder_id', 'appointment_reminder'],
    ['stock_entry_id', 'stock-entry'],
  ])('%s is told by its spelling: %s', (member, resource) => expect(resourceOfMember(member)).toBe(resource));

  it.each(['unicorn_id', 'user', '_id', 'treatmentplanitem_id'])('%s stands for nothing', (member) =>
    expect(resourceOfMember(member)).toBe(member === 'user' ? 'user' : null),
  );
});
