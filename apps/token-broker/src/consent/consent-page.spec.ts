import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { clearMark, readMark, setMark } from './browser-mark.js';
import { CONSENT_OUTCOMES } from './consent-outcomes.js';
import { CONSENT_HEADERS, consentPage } from './consent-page.js';

it.each(CONSENT_OUTCOMES)('%s has a page that loads nothing but its own style', (outcome) => {
  const page = consentPage(outcome);
  const style = /<style>([\s\S]*)<\/style>/.exec(page)?.[1] ?? '';
  const digest = createHash('sha256').update(style).digest('base64');
  expect(CONSENT_HEADERS['content-security-policy']).toContain(`style-src 'sha256-${digest}'`);
  expect(page).not.toMatch(/<script|<img|<form|<link|https?:|\bon[a-z]+=|undefined/);
  expect(page).toMatch(/<h1>[A-Z].+<\/h1>\n<p>.+<\/p>\n<p class="next">.+<\/p>/);
  // For a clinic's manager.
  expect(page.replace(/<style>[\s\S]*<\/style>/, '')).not.toMatch(/oauth|token|redirect|tenant|grant|credential/i);
});

it('marks a browser for one visit', () => {
  const [one, two] = ['a'.repeat(64), 'b'.repeat(64)];
  const cookie = setMark('https://relay.example/way', one, 'mark');
  expect(cookie).toMatch(
    /^relay-consent-a{16}=mark; Path=\/way\/oauth\/callback; Max-Age=600; HttpOnly; SameSite=Lax; Secure$/,
  );
  expect(setMark('http://127.0.0.1:3000', one, 'mark')).not.toContain('Secure');
  expect(clearMark('https://relay.example', one)).toContain('Max-Age=0');
  const [pair = ''] = cookie.split(';');
  expect(readMark(`x=1; ${pair};y=2`, one)).toBe('mark');
  expect(readMark(pair, two)).toBeNull();
  expect(readMark(undefined, one)).toBeNull();
});
