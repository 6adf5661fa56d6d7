import { TRIGGERS, recordTopic } from '@relay/contracts';
import { PROVET_RESOURCES } from '@relay/vendor-twins';
import { describe, expect, it } from 'vitest';
import { CATALOGUE, DEFAULT_RESOURCES, enabledResources, isInCatalogue } from './catalogue.js';
import { changeTriggersOf, deleteTriggersOf, operationsOf } from './entry.js';
import { LEFT_OUT } from './left-out.js';

const names = CATALOGUE.map(({ name }) => name);

describe('the catalogue', () => {
  it('names every resource once, by its path, and as a topic can be called', () => {
    expect(new Set(names).size).toBe(names.length);
    // Kafka takes `.` and `_` for the same when it counts collisions.
    expect(new Set(names.map((name) => recordTopic('provet', name).replaceAll('.', '_'))).size).toBe(names.length);
    for (const { name, path } of CATALOGUE) {
      expect(name).toBe(path.replaceAll('/', '-'));
      expect(recordTopic('provet', name)).toMatch(/^[a-z0-9._-]{1,200}$/);
      expect(path).toMatch(/^[a-z_]+(\/[a-z_]+)?$/);
    }
  });

  it('holds every resource that a trigger announces', () => {
    const announced = [...TRIGGERS.values()].flatMap(({ resource }) => (resource === null ? [] : [resource]));
    expect(announced.filter((resource) => !isInCatalogue(resource))).toEqual([]);
  });

  it('is complete and plausible in every entry', () => {
    for (const entry of CATALOGUE) {
      const { name, limits, defaultPageSize, modifiedMember, modifiedMark, hasDetail, volatileMembers } = entry;
      for (const limit of Object.values(limits)) {
        expect(limit === null || (Number.isInteger(limit) && limit > 0), name).toBe(true);
      }
      expect(defaultPageSize, name).toBe(50);
      expect(hasDetail, name).toBe(limits.read !== null);
      expect(modifiedMember === null, name).toBe(modifiedMark === 'unknown' || modifiedMark === 'observed');
      expect(new Set(volatileMembers).size, name).toBe(volatileMembers.length);
      expect(entry.permission, name).not.toBe('');
    }
  });

  it('has parents that are resources of their own, and never a circle', () => {
    for (const { name, parent } of CATALOGUE) {
      for (let up = parent, seen = [name]; up !== null;) {
        expect(seen).not.toContain(up.resource);
        seen.push(up.resource);
        const entry = CATALOGUE.find((candidate) => candidate.name === up?.resource);
        if (entry === undefined) throw new Error(`${name} is part of ${up.resource}, which is not there`);
        up = entry.parent;
      }
    }
    const parts = CATALOGUE.flatMap(({ name, parent }) => (parent === null ? [] : [{ name, ...parent }]));
    // A part that neither a filter nor its whole names could never be found by it.
    for (const { name, filter, listedIn } of parts) expect(filter ?? listedIn, name).not.toBeNull();
    for (const { name, filter, relation } of parts) expect([null, `${relation}__is`], name).toContain(filter);
  });

  it('derives what announces changes and deletions from the trigger table', () => {
    const numbers = (name: string) =>
      [changeTriggersOf(name), deleteTriggersOf(name)].map((t) => t.map((o) => o.number));
    expect(numbers('consultation')).toEqual([[3, 17, 45], [4]]);
    expect(numbers('invoicerow')).toEqual([[], [23]]);
    expect(numbers('patient')).toEqual([[2], []]);
    expect(numbers('vatgroup')).toEqual([[], []]);
  });

  it('agrees with the simulator, which was written down on its own', () => {
    for (const { name, path, permission, limits } of CATALOGUE) {
      const simulated = PROVET_RESOURCES.get(name);
      if (simulated === undefined) continue;
      expect(simulated.path).toBe(path);
      expect([name, simulated.permission]).toEqual([name, permission]);
      expect([name, simulated.limits.list]).toEqual([name, limits.list]);
      for (const [ours, theirs, offered] of [
        [limits.read, simulated.limits.read, simulated.hasDetail],
        [limits.create, simulated.limits.create, simulated.writes.create],
        [limits.write, simulated.limits.update, simulated.writes.update],
        [limits.delete, simulated.limits.delete, simulated.writes.delete],
      ] as const) {
        expect([name, ours]).toEqual([name, offered ? theirs : null]);
      }
    }
    expect(names.filter((name) => !PROVET_RESOURCES.has(name))).toEqual([]);
    expect([...PROVET_RESOURCES.keys()].filter((name) => !isInCatalogue(name))).toEqual([]);
  });

  it('says why it leaves out what it leaves out', () => {
    for (const { path, reason } of LEFT_OUT) {
      expect(isInCatalogue(path.replaceAll('/', '-'))).toBe(false);
      expect(reason.length).toBeGreaterThan(10);
    }
    // Webhook addresses carry our keys: no topic may ever show them.
    expect(names.filter((name) => name.startsWith('hook'))).toEqual([]);
  });
});

describe('enabled resources', () => {
  it('come in the catalogue’s order, all of them for all', () => {
    expect(enabledResources(['invoice', 'client'])).toEqual(['client', 'invoice']);
    expect(enabledResources(['all'])).toEqual(names);
    expect(enabledResources(DEFAULT_RESOURCES)).toEqual([...DEFAULT_RESOURCES]);
  });
});

describe('operations as the reference writes them', () => {
  it('have their limit, or the usual one', () => {
    expect(operationsOf('L125 C R500 U200 D')).toEqual({ list: 125, create: 300, read: 500, write: 200, delete: 300 });
    expect(operationsOf('L')).toEqual({ list: 100, create: null, read: null, write: null, delete: null });
  });

  it.each(['R300', 'L X', 'L1O0', ''])('refuse %j', (text) => expect(() => operationsOf(text)).toThrow(/"/));
});
