import { expect, it } from 'vitest';
import { newestRefusals } from './invalidate-tokens.js';

const command = (credentialId: string, version: number, scopes = 'restapi') =>
  ({ credentialId, scopes, command: 'invalidated', version, at: '2026-01-01T00:00:00.000Z' }) as const;

it('makes one refusal of all that name a token, the one with the newest version', () => {
  const many = Array.from({ length: 1000 }, () => command('a', 5));
  const newest = newestRefusals([command('a', 3), ...many, command('a', 4), command('b', 1), command('a', 7, 'other')]);
  expect([...newest].map(([key, { version }]) => [key, version])).toEqual([
    ['a#restapi', 5],
    ['b#restapi', 1],
    ['a#other', 7],
  ]);
});
