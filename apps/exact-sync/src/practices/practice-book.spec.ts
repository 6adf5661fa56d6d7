import type { PracticeDetailsValue } from '@relay/contracts';
import { describe, expect, it } from 'vitest';
import { PracticeBook } from './practice-book.js';

const observed = (second: number, over: Partial<PracticeDetailsValue> = {}): PracticeDetailsValue => ({
  tenantId: 'exact:qa:A',
  environment: 'qa',
  practiceId: 'A',
  name: 'A',
  country: 'GB',
  version: '13.850',
  updatedOn: '2026-01-01T00:00:00Z',
  observedAt: new Date(Date.UTC(2026, 0, 2, 0, 0, second)).toISOString(),
  ...over,
});

describe('what is known of practices', () => {
  it('is the newest observation: an older one that comes late is dropped', () => {
    const book = new PracticeBook();
    expect(book.note(observed(2, { version: '13.860' }))).toBe(true);
    expect(book.note(observed(1))).toBe(false);
    expect(book.of('exact:qa:A')?.version).toBe('13.860');
  });

  it('is news when the vendor has changed it, and not when it was only read again', () => {
    const book = new PracticeBook();
    book.note(observed(1));
    expect(book.note(observed(2))).toBe(false);
    expect(book.note(observed(3, { updatedOn: '2026-01-02T00:00:00Z' }))).toBe(true);
    expect(book.of('exact:qa:A')?.observedAt).toBe(observed(3).observedAt);
  });

  it('tells of other versions, and forgets whom the topic forgets', () => {
    const book = new PracticeBook();
    let told = 0;
    book.onVersionChange(() => (told += 1));
    book.note(observed(1));
    book.note(observed(2, { name: 'B' }));
    book.note(observed(3, { version: '13.860' }));
    expect(told).toBe(2);
    book.take({ messages: [{ key: 'exact:qa:A', value: null }] as never });
    expect(book.of('exact:qa:A')).toBeNull();
  });
});
