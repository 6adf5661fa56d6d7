import { expect, it } from 'vitest';
import { exactConnection, exactOwner } from './exact-client.js';

const settings = {
  exactEnvironment: 'qa',
  exactTokenUrl: 'https://auth.example/connect/token',
  exactScopes: ['patient.get', 'appointment.list', 'patient.get'],
  exactClientId: 'c',
  exactClientSecret: 's',
} as const;

it('makes one credential of the environment, with its scopes sorted and none twice', () => {
  expect(exactConnection(settings, 7)).toMatchObject({
    credentialId: 'exact:qa/c',
    tenantId: 'exact:qa',
    scopes: 'appointment.list patient.get',
    host: null,
    source: 'environment',
    receivedAt: 7,
  });
  expect(exactOwner(settings)).toBe('exact:qa');
});

it('makes none when EXACT is off', () => {
  expect(exactConnection({ ...settings, exactEnvironment: '' }, 7)).toBeNull();
  expect(exactOwner({ exactEnvironment: '' })).toBeNull();
});
