import { describe, expect, it } from 'vitest';
import type { MergeReading, ResourceSpec } from '../ports/connector.js';
import { isAlias, isKnownAlias, raisedAliases } from './merges.js';
import type { MirrorRow } from './model.js';

const T = 1_795_000_000_000;
const ref = { tenantId: 't', resource: 'patient', recordId: '4' };
const read = (text: string) => JSON.parse(text) as { survivor?: string; aliases?: string[] };
const merges: MergeReading = {
  isAlias: (text) => read(text).survivor !== undefined,
  aliasesOf: (text) => read(text).aliases ?? [],
};
const spec = { name: 'patient', merges } as unknown as ResourceSpec;
const of = (before: string[] | null, after: string[] | null) =>
  raisedAliases(
    spec,
    {
      ref,
      oldBody: before === null ? null : JSON.stringify({ aliases: before }),
      newBody: after === null ? null : JSON.stringify({ aliases: after }),
    },
    T,
  );

describe('the aliases of a survivor', () => {
  it('are asked for where they are new in it', () => {
    expect(of(['5'], ['5', '6', '6'])).toMatchObject([
      { tenantId: 't', resource: 'patient', recordId: '6', cause: 'poll' },
    ]);
    expect(of(null, ['5'])).toHaveLength(1);
  });

  it('are not asked for again, nor is the record by itself, nor anything of one that is gone', () => {
    expect(of(['5', '6'], ['6', '5'])).toEqual([]);
    expect(of([], ['4'])).toEqual([]);
    expect(of(['5'], null)).toEqual([]);
    expect(raisedAliases({ name: 'client' } as ResourceSpec, { ref, oldBody: null, newBody: '{}' }, T)).toEqual([]);
  });
});

describe('an alias', () => {
  it('is one that names its survivor', () => {
    expect([isAlias(spec, '{"survivor":"4"}'), isAlias(spec, '{}')]).toEqual([true, false]);
    expect(isAlias({ name: 'client' } as ResourceSpec, '{"survivor":"4"}')).toBe(false);
  });

  it('is known by the form in which a list shows it, while it is a tombstone', () => {
    const tombstone = { deleted: true, listHash: 'h' } as MirrorRow;
    expect(isKnownAlias(tombstone, 'h')).toBe(true);
    expect(isKnownAlias(tombstone, 'other')).toBe(false);
    expect(isKnownAlias({ ...tombstone, deleted: false }, 'h')).toBe(false);
    expect(isKnownAlias(null, 'h')).toBe(false);
  });
});
