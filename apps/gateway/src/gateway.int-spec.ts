import type { KafkaSettings } from '@relay/kafka';
import { fileScope, testKafka } from '@relay/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { FORM, hookPath, post, problem } from './test-support/gateway-requests.js';
import { keys, message, startGateway } from './test-support/running-gateway.js';

const scope = fileScope();
let base = '';
let settings: KafkaSettings;

beforeAll(async () => {
  ({ settings } = await testKafka(scope));
  base = (await startGateway(scope, settings)).url;
});

describe('other requests', () => {
  it('are answered 404, or 405 with Allow where the path is known', async () => {
    await problem(fetch(`${base}/nope`), 404);
    for (const path of [`/hookup/provet/${keys.HOOKUP_SECRET}`, hookPath(1)]) {
      const response = await fetch(`${base}${path}`);
      expect(response.headers.get('allow')).toBe('POST');
      await problem(Promise.resolve(response), 405);
    }
    await problem(fetch(`${base}/webhooks/provet/%ZZ/9/1/x`, { method: 'POST' }), 404);
  });
});

describe('while nothing durable can take it', () => {
  it('a request is answered 503 with Retry-After within ten seconds, never 200', async () => {
    const started = Date.now();
    const brokers = { kafkaBrokers: ['127.0.0.1:1'] };
    const away = await startGateway(scope, { ...settings, ...brokers });
    const webhooks = [1, 2, 3].map((id) => post(away.url + hookPath(1), `client_id=${id}`, FORM));
    const registration = away.hookup(message());
    for (const sent of [...webhooks, registration]) {
      expect((await sent).headers.get('retry-after')).toMatch(/^\d+$/);
      await problem(sent, 503);
    }
    expect(Date.now() - started).toBeLessThan(10_000);
  });
});
