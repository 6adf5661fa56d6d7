import type { TenantValue } from '@relay/contracts';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ChangeFeed, type Change } from './change-feed.js';
import { LiveTables } from './live-tables.js';

const tenant = (tenantId: string, version = 1) => ({
  key: tenantId,
  value: { tenantId, state: 'active', version } as TenantValue,
});

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function feeding(): { tables: LiveTables; feed: ChangeFeed; heard: Change[] } {
  const tables = new LiveTables();
  return { tables, feed: new ChangeFeed(tables, 250), heard: [] };
}

describe('ChangeFeed', () => {
  it('tells many changes together, each practice once and as it is now', () => {
    const { tables, feed, heard } = feeding();
    feed.listen((change) => heard.push(change));
    for (const version of [1, 2, 3]) tables.takeTenant(tenant('a', version));
    tables.takeTenant(tenant('b'));
    vi.advanceTimersByTime(249);
    expect(heard).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(heard.map((change) => change.rows.map((row) => row.tenantId))).toEqual([['a', 'b']]);
    expect(heard[0]?.totals.states).toEqual({ active: 2 });
  });

  it('cuts what is too much for one message into several', () => {
    const { tables, feed, heard } = feeding();
    feed.listen((change) => heard.push(change));
    for (let n = 0; n < 450; n++) tables.takeTenant(tenant(`t${n}`));
    vi.advanceTimersByTime(1000);
    expect(heard.map((change) => change.rows.length)).toEqual([200, 200, 50]);
  });

  it('keeps nothing and no timer while nobody listens', () => {
    const { tables, feed, heard } = feeding();
    tables.takeTenant(tenant('a'));
    expect(vi.getTimerCount()).toBe(0);
    const stop = feed.listen((change) => heard.push(change));
    tables.takeTenant(tenant('b'));
    stop();
    expect(vi.getTimerCount()).toBe(0);
    vi.advanceTimersByTime(1000);
    expect(heard).toEqual([]);
  });
});
