import { describe, expect, it } from 'vitest';
import { exactTenantId, hostOf, parseTenantId, provetTenantId, vendorOf } from './tenant-id.js';

describe('tenant ids', () => {
  it('reads back what it wrote, with a port in the host', () => {
    const id = provetTenantId('127.0.0.1:8080', 9);
    expect(id).toBe('provet:127.0.0.1:8080:9');
    expect(parseTenantId(id)).toEqual({ vendor: 'provet', host: '127.0.0.1:8080', provetId: 9 });
  });

  it('keeps a practice id as the vendor spells it, colons and slashes included', () => {
    const id = exactTenantId('qa', 'Uk:A/b 1');
    expect(parseTenantId(id)).toEqual({ vendor: 'exact', environment: 'qa', practiceId: 'Uk:A/b 1' });
    expect(vendorOf(id)).toBe('exact');
  });

  it('lowers the host only', () => {
    expect(provetTenantId('US.ProvetCloud.com', 54321)).toBe('provet:us.provetcloud.com:54321');
  });

  it.each(['', 'provet:', 'provet:host', 'provet:host:0', 'provet:host:x', 'exact:dev:A', 'exact:qa:', 'other:a:1'])(
    'knows that %j is none',
    (text) => {
      expect(parseTenantId(text)).toBeNull();
    },
  );

  it.each([
    ['https://ProvetCloud.com/1/oauth2/token/', 'provetcloud.com'],
    ['https://provetcloud.com:443/1/', 'provetcloud.com'],
    ['https://provetcloud.com:8443/1/', 'provetcloud.com:8443'],
    ['http://127.0.0.1:3100/1/', '127.0.0.1:3100'],
    ['http://example.test/1/', 'example.test:80'],
  ])('host of %s is %s', (url, host) => {
    expect(hostOf(new URL(url))).toBe(host);
  });
});
