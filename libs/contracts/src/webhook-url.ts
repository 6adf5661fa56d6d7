import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';

/** Characters of the key that are kept: 32 of base64url are 192 bits. */
export const WEBHOOK_KEY_LENGTH = 32;

/** Reads one of `WEBHOOK_KEYS` (base64url, 32 bytes) into the form that hashes fastest. Throws on any other length. */
export function webhookSigningKey(base64url: string): KeyObject {
  const bytes = Buffer.from(base64url, 'base64url');
  if (bytes.length !== 32 || bytes.toString('base64url') !== base64url.replace(/=+$/, '')) {
    throw new Error('a webhook key must be 32 bytes in base64url');
  }
  return createSecretKey(bytes);
}

/**
 * A name for one of `WEBHOOK_KEYS`, which have none of their own: says which key made a URL without saying anything about
 * the key.
 */
export function webhookKeyId(signingKey: KeyObject): string {
  return createHmac('sha256', signingKey).update('practice-relay webhook key id').digest('base64url').slice(0, 12);
}

/** The last path segment of a webhook URL: HMAC-SHA256 of `<tenantId>:<trigger>`, tenant id not percent-encoded. */
export function webhookKey(signingKey: KeyObject, tenantId: string, trigger: number | 'any'): string {
  return createHmac('sha256', signingKey)
    .update(`${tenantId}:${trigger}`)
    .digest('base64url')
    .slice(0, WEBHOOK_KEY_LENGTH);
}

/** The whole URL to register at the vendor for one tenant and trigger. `host` is encoded as a path segment. */
export function webhookUrl(
  publicUrl: string,
  target: { host: string; provetId: number; tenantId: string },
  trigger: number | 'any',
  signingKey: KeyObject,
): string {
  const base = publicUrl.replace(/\/+$/, '');
  const key = webhookKey(signingKey, target.tenantId, trigger);
  return `${base}/webhooks/provet/${encodeURIComponent(target.host)}/${target.provetId}/${trigger}/${key}`;
}
