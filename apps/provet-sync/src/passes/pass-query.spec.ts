import type { PassRequest } from '@relay/sync-engine';
import { describe, expect, it } from 'vitest';
import { resourceSpecs } from '../catalogue/resource-specs.js';
import { pageQuery, pageSizeOf, readPosition, writePosition } from './pass-query.js';

const [client] = resourceSpecs(['client'], { reconcileSeconds: 900, sweepSeconds: 86_400, notices: true });
const passOf = (name: string) => {
  const spec = client?.passes.find((pass) => pass.name === name);
  if (!spec) throw new Error(name);
  return spec;
};
const since = Date.parse('2026-03-01T07:08:59.999Z');
const request = (name: string, over: Partial<PassRequest> = {}): PassRequest => ({
  spec: passOf(name),
  since: name === 'reconcile' ? since : null,
  startedAt: 0,
  filterHonoured: true,
  ...over,
});
const queryOf = (pass: PassRequest, position: string | null) =>
  pageQuery(pass, readPosition(pass, position), 'modified', pageSizeOf(pass, 25, null).rows);

describe('the query of a page', () => {
  it('reads everything in the order of ids, from behind the last one', () => {
    expect(queryOf(request('backfill'), null)).toBe('ordering=id&page_size=100');
    expect(queryOf(request('sweep'), 'id:4711')).toBe('ordering=id&id__gt=4711&page_size=100');
  });

  it('asks for changes with a whole minute in UTC and an encoded plus', () => {
    expect(queryOf(request('reconcile'), null)).toBe(
      'modified__gte=2026-03-01%2007%3A08%2B00%3A00&ordering=id&page_size=50',
    );
    expect(queryOf(request('reconcile'), 'id:9')).toContain('&ordering=id&id__gt=9&');
  });

  it('reads newest first by page number once the filter is known to be ignored', () => {
    const pass = request('reconcile', { filterHonoured: false });
    expect(queryOf(pass, null)).toBe('ordering=-modified&page=1&page_size=50');
    expect(queryOf(pass, 'page:3')).toBe('ordering=-modified&page=3&page_size=50');
    // A position of the time before it was known starts again.
    expect(queryOf(pass, 'id:9')).toBe('ordering=-modified&page=1&page_size=50');
  });

  it('reads everything by page number when ids cannot be filtered', () => {
    expect(queryOf(request('sweep', { filterHonoured: false }), 'page:2')).toBe('ordering=id&page=2&page_size=100');
  });

  it('keeps its position over a crash', () => {
    const pass = request('reconcile', { filterHonoured: false });
    for (const at of [
      { by: 'page', page: 7, readAll: true },
      { by: 'page', page: 1, readAll: false },
    ] as const) {
      expect(readPosition(pass, writePosition(at))).toEqual(at);
    }
    expect(readPosition(request('sweep'), writePosition({ by: 'id', after: '12' }))).toEqual({ by: 'id', after: '12' });
  });
});
