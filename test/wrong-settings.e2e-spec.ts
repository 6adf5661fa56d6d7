import { SERVICES } from '@relay/contracts';
import { keyring, startProcess } from '@relay/testing';
import { describe, expect, it } from 'vitest';

const NOWHERE = { KAFKA_BROKERS: '127.0.0.1:9', DATABASE_URL: 'postgres://nobody@127.0.0.1:9/none' };

describe('wrong settings', () => {
  for (const service of SERVICES) {
    it(`stop ${service} with 78, all problems named at once, and no value of a secret`, async (context) => {
      const planted = 'value-that-must-not-be-shown';
      const started = await startProcess(context, {
        service,
        env: {
          ...NOWHERE,
          TOPIC_PARTITIONS: 'twelve',
          KAFKA_SESSION_TIMEOUT_MS: '5999',
          LOG_LEVEL: 'loud',
          HOOKUP_SECRET: planted,
          STORAGE_KEYS_JWKS: planted,
          WEBHOOK_KEYS: planted,
          OPERATOR_TOKENS: planted,
        },
        waitUntilReady: false,
      });
      expect(await started.ended).toBe('78');
      const text = started.log();
      for (const name of ['TOPIC_PARTITIONS', 'KAFKA_SESSION_TIMEOUT_MS', 'LOG_LEVEL']) expect(text).toContain(name);
      expect(text).not.toContain(planted);
      await expect(fetch(`${started.managementUrl}/health/live`)).rejects.toThrow('fetch failed');
    });
  }

  for (const service of ['token-broker', 'exact-sync'] as const) {
    for (const [environment, foreign] of [
      ['qa', ''],
      ['production', 'qa-'],
    ] as const) {
      it(`stop ${service} where EXACT_ENVIRONMENT is ${environment} and a host is the other's`, async (context) => {
        const started = await startProcess(context, {
          service,
          env: {
            ...NOWHERE,
            ...keyring(),
            PUBLIC_URL: 'https://relay.example',
            EXACT_ENVIRONMENT: environment,
            EXACT_CLIENT_ID: 'c',
            EXACT_CLIENT_SECRET: 'value-that-must-not-be-shown',
            EXACT_API_URL: `https://${foreign}api.ex.softwareofexcellence.com`,
            EXACT_AUTHORITY_URL: `https://${foreign}auth.softwareofexcellence.com`,
            EXACT_TOKEN_URL: `https://${foreign}auth.softwareofexcellence.com/connect/token`,
          },
          waitUntilReady: false,
        });
        expect(await started.ended).toBe('78');
        for (const name of ['EXACT_API_URL', 'EXACT_AUTHORITY_URL', 'EXACT_TOKEN_URL']) {
          expect(started.log()).toContain(`${name} is the vendor's ${foreign === '' ? 'production' : 'qa'} host`);
        }
        expect(started.log()).not.toContain('value-that-must-not-be-shown');
      });
    }
  }

  it('name a file that cannot be read, and a variable that is given twice', async (context) => {
    const started = await startProcess(context, {
      service: 'gateway',
      env: {
        ...NOWHERE,
        ...keyring(),
        PUBLIC_URL: 'http://127.0.0.1:3000',
        HOOKUP_SECRET_FILE: '/nowhere/secret',
        WEBHOOK_KEYS: '',
        WEBHOOK_KEYS_FILE: '/nowhere/keys',
      },
      waitUntilReady: false,
    });
    expect(await started.ended).toBe('78');
    expect(started.log()).toContain('HOOKUP_SECRET_FILE');
    expect(started.log()).toContain('WEBHOOK_KEYS_FILE');
  });
});
