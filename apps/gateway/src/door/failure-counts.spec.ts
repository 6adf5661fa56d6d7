import { describe, expect, it } from 'vitest';
import { FailureCounts, sourceOf } from './failure-counts.js';

const rules = { limit: 3, windowMs: 1000, sources: 2 };
const repeat = (counts: FailureCounts, source: string, times: number, now: number) =>
  Array.from({ length: times }, () => counts.failed(source, now));

describe('failures of a source', () => {
  it('are slowed down beyond the limit, until the window that began with the first is over', () => {
    const counts = new FailureCounts(rules);
    expect(repeat(counts, 'a', 4, 0)).toEqual([0, 0, 0, 1000]);
    expect(counts.failed('a', 400)).toBe(600);
    expect(counts.failed('a', 1000)).toBe(0);
  });

  it('are no concern of another source', () => {
    const counts = new FailureCounts(rules);
    repeat(counts, 'a', 9, 0);
    expect(counts.failed('b', 0)).toBe(0);
  });

  it('are remembered of so many sources only, the newest', () => {
    const counts = new FailureCounts(rules);
    for (const source of ['a', 'b', 'c']) repeat(counts, source, 3, 0);
    expect(counts.failed('b', 1)).toBeGreaterThan(0);
    expect(counts.failed('c', 1)).toBeGreaterThan(0);
    expect(counts.failed('a', 1)).toBe(0);
  });
});

it.each([
  ['192.0.2.7', '192.0.2.7'],
  ['::ffff:192.0.2.7', '192.0.2.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:0db8:0001:0002::9', '2001:db8:1:2::/64'],
  ['2001:db8::9', '2001:db8:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
])('%s belongs to the source %s', (address, source) => {
  expect(sourceOf(address)).toBe(source);
});
