import { expect, it } from 'vitest';
import { noticeId } from './notice-id.js';

it('makes UUIDs of version 7 that sort by time and never repeat', () => {
  const now = Date.UTC(2026, 0, 1);
  const ids = Array.from({ length: 1000 }, (_, i) => noticeId(now + i));
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect([...ids].sort()).toEqual(ids);
  expect(Number.parseInt(ids[5]!.replaceAll('-', '').slice(0, 12), 16)).toBe(now + 5);
  expect(noticeId(now)).not.toBe(noticeId(now));
});
