import { expect, it } from 'vitest';
import { exactConnection, exactOwner } from './exact-client.js';

const settings = {
  exactEnvironment: 'qa',
  exactAuthorityUrl: 'https://auth.example',
  exactTokenUrl: '',
  exactClientId: 'c',
  exactClientSecret: 's',
} as const;

it('makes one credential of the environment, with the scopes that nothing works without', () => {
  expect(exactConnection(settings, 7)).toMatchObject({
    credentialId: 'exact:qa/c',
    tenantId: 'exact:qa',
    scopes: 'practice.get productsubscription.get',
    tokenUrl: 'https://auth.example/connect/token',
    host: null,
    source: 'environment',
    receivedAt: 7,
  });
  expect(exactOwner(settings)).toBe('exact:qa');
});

it('takes the token address of the configuration where there is one', () => {
  const exactTokenUrl = 'https://own.example/t';
  expect(exactConnection({ ...settings, exactTokenUrl }, 7)?.tokenUrl).toBe(exactTokenUrl);
});

it('makes none when EXACT is off', () => {
  expect(exactConnection({ ...settings, exactEnvironment: '' }, 7)).toBeNull();
  expect(exactOwner({ exactEnvironment: '' })).toBeNull();
});
