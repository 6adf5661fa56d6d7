import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { webhookKey, webhookKeyId, webhookSigningKey, webhookUrl } from './webhook-url.js';

const raw = Buffer.alloc(32, 7);
const key = webhookSigningKey(raw.toString('base64url'));
const tenantId = 'provet:127.0.0.1:8080:9';

describe('webhook URLs', () => {
  it('keys by HMAC-SHA256 over tenant and trigger, first 32 characters', () => {
    const expected = createHmac('sha256', raw).update(`${tenantId}:21`).digest('base64url').slice(0, 32);
    expect(webhookKey(key, tenantId, 21)).toBe(expected);
    expect(webhookKey(key, tenantId, 22)).not.toBe(expected);
    expect(webhookKey(key, 'provet:127.0.0.1:8080:92', 1)).not.toBe(webhookKey(key, tenantId, 21));
  });

  it('names a key by what no URL can be made from', () => {
    expect(webhookKeyId(key)).toMatch(/^[\w-]{12}$/);
    expect(webhookKeyId(key)).not.toBe(webhookKeyId(webhookSigningKey(Buffer.alloc(32, 8).toString('base64url'))));
    expect(raw.toString('base64url')).not.toContain(webhookKeyId(key));
  });

  it('encodes the host as one path segment', () => {
    const url = webhookUrl('https://relay.example/', { host: '127.0.0.1:8080', provetId: 9, tenantId }, 'any', key);
    expect(url).toBe(
      `https://relay.example/webhooks/provet/127.0.0.1%3A8080/9/any/${webhookKey(key, tenantId, 'any')}`,
    );
  });

  it.each(['', 'abc', Buffer.alloc(31).toString('base64url'), Buffer.alloc(33).toString('base64url'), '!'.repeat(43)])(
    'refuses %j as a key',
    (text) => {
      expect(() => webhookSigningKey(text)).toThrow(/32 bytes/);
    },
  );
});
