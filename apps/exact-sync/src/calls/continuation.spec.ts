import { describe, expect, it } from 'vitest';
import { readList } from './continuation.js';

const names = { header: 'x-continuation-token', member: 'continuationToken' };
const read = (body: unknown, headers: Record<string, string> = {}) => readList(JSON.stringify(body), headers, names);

describe('a list of EXACT', () => {
  it('is a bare array with the continuation in a header', () => {
    expect(read([1], { 'x-continuation-token': 'abc' })).toEqual({ items: [1], member: null, continuation: 'abc' });
    expect(read([])).toEqual({ items: [], member: null, continuation: null });
  });

  it('is an object with one array and the continuation beside it', () => {
    expect(read({ data: [1], continuationToken: 'w', pages: 3 })).toEqual({
      items: [1],
      member: 'data',
      continuation: 'w',
    });
    expect(read({ data: [], continuationToken: null })?.continuation).toBeNull();
    expect(read({ data: [], continuationToken: '' })?.continuation).toBeNull();
  });

  it('believes the header before the member', () => {
    expect(read({ data: [], continuationToken: 'w' }, { 'x-continuation-token': 'h' })?.continuation).toBe('h');
  });

  it('is nothing else', () => {
    expect(read('text')).toBeNull();
    expect(read(null)).toBeNull();
    expect(read({ a: [], b: [] })).toBeNull();
    expect(read({ a: 1 })).toBeNull();
    expect(readList('not json', {}, names)).toBeNull();
  });
});
