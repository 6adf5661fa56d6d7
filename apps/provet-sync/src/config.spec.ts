import { ConfigError, readConfig } from '@relay/service-kit';
import { generateSealingKeyPair } from '@relay/sealing';
import { describe, expect, it } from 'vitest';
import { crossChecks, settings } from './config.js';

const { privateJwks } = generateSealingKeyPair();
const base = {
  KAFKA_BROKERS: '127.0.0.1:9092',
  DATABASE_URL: 'postgres://u:p@127.0.0.1/relay',
  PROVET_TOKEN_PRIVATE_JWKS: privateJwks,
  PUBLIC_URL: 'https://relay.example.com',
  WEBHOOK_KEYS: Buffer.alloc(32, 1).toString('base64url'),
};
const read = (env: Record<string, string | undefined>) =>
  readConfig(settings, { env: { ...base, ...env }, crossChecks });

function problems(env: Record<string, string | undefined>): readonly string[] {
  try {
    read(env);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

describe('settings of provet-sync', () => {
  it('has the defaults of the contract', () => {
    expect(read({})).toMatchObject({
      resources: ['client', 'patient', 'appointment', 'consultation', 'invoice'],
      webhooks: 'provision',
      reconcileSeconds: 900,
      sweepSeconds: 86_400,
      overlapSeconds: 120,
      noticeGraceSeconds: 60,
      budgetShare: 0.9,
      tenantConcurrency: 4,
    });
  });

  it('names a resource that it does not know', () => {
    expect(problems({ PROVET_RESOURCES: 'client,unicorn' }).join()).toMatch(/PROVET_RESOURCES.*unicorn/);
    expect(problems({ PROVET_RESOURCES: 'client,stock/item,hook-webhook' }).join()).toMatch(
      /stock\/item \(nearest: stock-item, .*hook-webhook \(nearest: .*npm run provet:catalogue/,
    );
    expect(problems({ PROVET_RESOURCES: 'all' })).toEqual([]);
    expect(problems({ PROVET_RESOURCES: 'stock-item,logs-email,consultation_items-medicine' })).toEqual([]);
  });

  it('needs no public URL where no webhook is made', () => {
    const without = { PUBLIC_URL: undefined, WEBHOOK_KEYS: undefined };
    expect(problems({ ...without, PROVET_WEBHOOKS: 'off' })).toEqual([]);
    expect(problems({ ...without, PROVET_WEBHOOKS: 'manual' })).toEqual([]);
    expect(problems(without).join()).toMatch(/PUBLIC_URL.*WEBHOOK_KEYS/);
  });

  it('lets go of the limits only for simulators', () => {
    expect(problems({ PROVET_BUDGET_SHARE: '0' }).join()).toContain('PROVET_BUDGET_SHARE');
    expect(problems({ PROVET_BUDGET_SHARE: '0', PROVET_ALLOW_HTTP: 'true' })).toEqual([]);
    expect(problems({ PROVET_BUDGET_SHARE: '1.1' }).join()).toContain('PROVET_BUDGET_SHARE');
  });

  it('shows no key that it cannot read', () => {
    const found = problems({ WEBHOOK_KEYS: 'short-key', PROVET_TOKEN_PRIVATE_JWKS: '{"planted":1}' }).join();
    expect(found).toMatch(/WEBHOOK_KEYS/);
    expect(found).toMatch(/PROVET_TOKEN_PRIVATE_JWKS/);
    expect(found).not.toMatch(/short-key|planted/);
  });

  it('takes seconds from one on, and a grace of none', () => {
    expect(problems({ PROVET_RECONCILE_SECONDS: '0' }).join()).toContain('PROVET_RECONCILE_SECONDS');
    expect(problems({ PROVET_NOTICE_GRACE_SECONDS: '0' })).toEqual([]);
  });
});
