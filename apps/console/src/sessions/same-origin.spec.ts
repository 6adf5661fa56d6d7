import { describe, expect, it } from 'vitest';
import { requireSameOrigin } from './same-origin.js';

const ask = (headers: Record<string, string>) => () =>
  requireSameOrigin({ method: 'POST', host: 'relay.example:3005', protocol: 'http', headers });

describe('requireSameOrigin', () => {
  it.each([
    ['the page itself', { 'sec-fetch-site': 'same-origin' }],
    ['an older browser, by its origin', { origin: 'http://relay.example:3005' }],
    ['no page at all', {}],
  ])('lets %s through', (_, headers) => {
    expect(ask(headers as Record<string, string>)).not.toThrow();
  });

  it.each([
    ['another site', { 'sec-fetch-site': 'cross-site', origin: 'http://relay.example:3005' }],
    ['a neighbour on another port', { 'sec-fetch-site': 'same-site' }],
    ['another origin', { origin: 'http://evil.example' }],
    ['a hidden origin', { origin: 'null' }],
  ])('refuses %s', (_, headers) => {
    expect(ask(headers as unknown as Record<string, string>)).toThrow(
      expect.objectContaining({ code: 'other-origin' }),
    );
  });
});
