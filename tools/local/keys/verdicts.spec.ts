import { describe, expect, it } from 'vitest';
import { KEY_SETS, keyStatuses, renderStatuses, type GivenKeys, type KeySet, type Need } from './verdicts.ts';

const nothing = Object.fromEntries(KEY_SETS.map((set) => [set, { first: null, kids: [] }])) as unknown as Record<
  KeySet,
  GivenKeys
>;
const given: Record<KeySet, GivenKeys> = {
  ...nothing,
  // Added to the private half first: the public one still seals with the old.
  CREDENTIAL_PRIVATE_JWKS: { first: 'c-new', kids: ['c-old', 'c-new'] },
  STORAGE_KEYS_JWKS: { first: 's-new', kids: ['s-new', 's-old'] },
};

describe('the status of keys', () => {
  it('lets go what nothing needs, keeps what something needs, and never lets go the first', () => {
    const needs: Need[] = [
      { set: 'STORAGE_KEYS_JWKS', kid: 's-old', by: 'credential.secret', count: 2 },
      { set: 'STORAGE_KEYS_JWKS', kid: 's-lost', by: 'token.access_token', count: 1 },
      { set: 'CREDENTIAL_PRIVATE_JWKS', kid: 'c-old', by: 'open holds', count: 0 },
    ];
    expect(keyStatuses(given, needs).map(({ kid, place, verdict }) => `${kid} ${place}: ${verdict}`)).toEqual([
      'c-new first: in use',
      'c-old older: may be removed',
      's-new first: in use',
      's-old older: needed',
      's-lost not given: missing',
    ]);
  });

  it('names what needs a key also where the set is not at hand', () => {
    const needs: Need[] = [{ set: 'WEBHOOK_KEYS', kid: 'w', by: 'webhooks of provet:a:1', count: 3 }];
    expect(keyStatuses(nothing, needs)).toEqual([
      {
        set: 'WEBHOOK_KEYS',
        kid: 'w',
        place: 'not given',
        verdict: 'needed',
        neededBy: [{ by: 'webhooks of provet:a:1', count: 3 }],
      },
    ]);
  });

  it('is a plain table', () => {
    const needs: Need[] = [{ set: 'STORAGE_KEYS_JWKS', kid: 's-old', by: 'credential.secret', count: 2 }];
    expect(renderStatuses(keyStatuses(given, needs)).split('\n')).toEqual([
      expect.stringMatching(/^SET +KEY +PLACE +VERDICT +NEEDED BY$/),
      expect.stringMatching(/^CREDENTIAL_PRIVATE_JWKS +c-new +first +in use +-$/),
      expect.stringMatching(/^CREDENTIAL_PRIVATE_JWKS +c-old +older +may be removed +-$/),
      expect.stringMatching(/^STORAGE_KEYS_JWKS +s-new +first +in use +-$/),
      expect.stringMatching(/^STORAGE_KEYS_JWKS +s-old +older +needed +credential\.secret \(2\)$/),
      '',
    ]);
  });
});
