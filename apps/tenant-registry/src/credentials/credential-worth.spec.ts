import type { CredentialHealth } from '@relay/contracts';
import { describe, expect, it } from 'vitest';
import { worthOf, type KnownCredential } from './credential-worth.js';

const one = (
  id: string,
  health: CredentialHealth | null,
  inForce: boolean,
  version = 1,
  redirectOk: boolean | null = null,
): KnownCredential => ({
  credentialId: id,
  health,
  inForce,
  version,
  redirectOk,
});

describe('worthOf', () => {
  it.each([
    ['nothing known', [], null, null],
    ['registered only', [one('a', null, false)], null, null],
    ['proven and in force', [one('a', 'proven', true)], 'proven', 'a'],
    ['rejected, none in force', [one('a', 'rejected', false)], 'rejected', null],
    ['waits for consent', [one('a', 'awaiting-consent', false, 1, true)], 'awaiting-consent', null],
    ['cannot be consented to', [one('a', 'awaiting-consent', false, 1, false)], 'redirect-mismatch', null],
    ['has lost its consent', [one('a', 'awaiting-consent', true, 1, false)], 'awaiting-consent', 'a'],
    ['rejected in force', [one('a', 'rejected', true)], 'rejected', 'a'],
    [
      'a rejected candidate beside a working one',
      [one('a', 'proven', true), one('b', 'rejected', false, 9)],
      'proven',
      'a',
    ],
    [
      'a candidate that waits for consent beside a working one',
      [one('a', 'proven', true), one('b', 'awaiting-consent', false, 9)],
      'proven',
      'a',
    ],
    ['awaiting consent alone', [one('a', 'awaiting-consent', false)], 'awaiting-consent', null],
    [
      'the newest candidate counts',
      [one('a', 'rejected', false, 2), one('b', 'awaiting-consent', false, 3)],
      'awaiting-consent',
      null,
    ],
    ['replaced, successor not seen yet', [one('a', 'proven', false)], null, null],
    ['refused for now', [one('a', 'refused', true)], null, 'a'],
  ] as [string, KnownCredential[], string | null, string | null][])('%s', (_, known, worth, inForce) => {
    expect(worthOf(known)).toEqual({ worth, inForce });
  });
});
