import { expect, it } from 'vitest';
import { staysBelow } from './stays-below.js';

const BASE = 'https://vet.example.com/17/api/0.1/';
const read = (text: string) => new URL(text, 'https://nowhere.example/');

it.each([
  `${BASE}client/`,
  `${BASE}client/?page=2&next=https://evil.example/`,
  'https://VET.example.com:443/17/api/0.1/client/',
  `${BASE}client/a%20b%2F1/`,
  BASE,
])('%s stays below', (text) => expect(staysBelow(read(text), BASE)).toBe(true));

it.each([
  ['another host', 'https://evil.example/17/api/0.1/client/'],
  ['another host without a scheme', '//evil.example/17/api/0.1/client/'],
  ['the host as a user name', 'https://vet.example.com@evil.example/17/api/0.1/'],
  ['a host that begins alike', 'https://vet.example.com.evil.example/17/api/0.1/'],
  ['another port', 'https://vet.example.com:444/17/api/0.1/client/'],
  ['no TLS', 'http://vet.example.com/17/api/0.1/client/'],
  ['another tenant', 'https://vet.example.com/18/api/0.1/client/'],
  ['a tenant that begins alike', 'https://vet.example.com/170/api/0.1/client/'],
  ['another room of the same tenant', 'https://vet.example.com/17/oauth2/revoke_token/'],
  ['a way up', `${BASE}../../../18/api/0.1/client/`],
  ['a way up with encoded dots', `${BASE}%2e%2e/%2E%2e/%2e./18/`],
  ['a way up with encoded slashes', `${BASE}..%2f..%2F..%2f18/`],
  ['a way up with encoded dots and slashes', `${BASE}x%2f%2e%2e%2f18/`],
  ['a way up with backslashes', `${BASE}..\\..\\..\\18\\`],
  ['a way up with encoded backslashes', `${BASE}..%5c..%5C18/`],
  ['a path that is no address', 'mailto:a@vet.example.com'],
])('%s does not', (_what, text) => expect(staysBelow(read(text), BASE)).toBe(false));

it('needs a base that is an address and ends in a slash', () => {
  expect(staysBelow(read('https://h/9/x'), 'https://h/9')).toBe(false);
  expect(staysBelow(read('https://h/9/x'), '')).toBe(false);
});
