import { describe, expect, it } from 'vitest';
import { isPublicAddress } from './address-kind.js';
import { HostAllowList, HostEntryError } from './host-allow-list.js';

const DEFAULT = ['provetcloud.com', '*.provetcloud.com', '!awstest.provetcloud.com'];

describe('HostAllowList', () => {
  it.each([
    [DEFAULT, 'provetcloud.com', true],
    [DEFAULT, 'EU.ProvetCloud.com', true],
    [DEFAULT, 'a.b.provetcloud.com', false],
    [DEFAULT, 'awstest.provetcloud.com', false],
    [DEFAULT, 'awstest.provetcloud.com:8443', false],
    [DEFAULT, 'eu.provetcloud.com:8443', false],
    [DEFAULT, 'provetcloud.com.evil.example', false],
    [DEFAULT, 'evilprovetcloud.com', false],
    [DEFAULT, '.provetcloud.com', false],
    [DEFAULT, 'provetcloud.com.', false],
    [DEFAULT, '127.0.0.1', false],
    [DEFAULT, '', false],
    [DEFAULT, 'a@provetcloud.com', false],
    [['127.0.0.1:8080'], '127.0.0.1:8080', true],
    [['127.0.0.1:8080'], '127.0.0.1:8081', false],
    [['127.0.0.1:8080'], '127.0.0.1', false],
    [['[::1]:8080'], '[::1]:8080', true],
    [['*.0.0.1', 'x.example'], '127.0.0.1', false],
    [['*.example.org:8443'], 'a.example.org:8443', true],
    [['*.example.org:8443'], 'a.example.org', false],
    [['!a.example.org', '*.example.org'], 'a.example.org', false],
    [['eu-1.example.org'], 'eu-1.example.org', true],
  ])('%j allows %s: %s', (entries, host, allowed) => {
    expect(HostAllowList.parse(entries).allows(host)).toBe(allowed);
  });

  it('tells addresses, names and patterns apart', () => {
    const entries = ['localhost:3100', '127.0.0.1:3100', '[::1]:3100', '*.example.org', 'twin.example.org'];
    const list = HostAllowList.parse([...entries, '!no.example.org', '!127.0.0.2', '127.0.0.2:3100']);
    for (const address of ['localhost:3100', '127.0.0.1:3100', '[::1]:3100']) {
      expect([list.namesAddress(address), list.namesHost(address)], address).toEqual([true, true]);
    }
    expect([list.namesAddress('twin.example.org'), list.namesHost('twin.example.org')]).toEqual([false, true]);
    for (const other of ['other.example.org', 'no.example.org', '127.0.0.2:3100', '127.0.0.1']) {
      expect([list.namesAddress(other), list.namesHost(other)], other).toEqual([false, false]);
    }
  });

  it.each([
    '',
    '*',
    '*.com',
    'https://a.example',
    'a.example/path',
    'a b.example',
    'a*.example.org',
    'a..example',
    'a.example:0',
    'a.example:99999',
    'a.example:x',
    '!',
  ])('refuses %o as an entry', (entry) =>
    expect(() => HostAllowList.parse(['a.example', entry])).toThrow(HostEntryError),
  );
});

describe('isPublicAddress', () => {
  it.each([
    '127.0.0.1',
    '127.8.8.8',
    '0.0.0.0',
    '10.1.2.3',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '169.254.169.254',
    '100.64.0.1',
    '198.18.0.1',
    '203.0.113.9',
    '224.0.0.1',
    '255.255.255.255',
    '::1',
    '::',
    'fe80::1',
    'fc00::1',
    'fd12:3456::1',
    'ff02::1',
    '::ffff:127.0.0.1',
    '::ffff:8.8.8.8',
    '64:ff9b::7f00:1',
    '2001:db8::1',
    '2002:7f00:1::',
    'not an address',
  ])('%s is not', (address) => expect(isPublicAddress(address)).toBe(false));

  it.each(['8.8.8.8', '172.32.0.1', '192.169.0.1', '100.128.0.1', '2606:4700::1111', '2a00:1450::1'])(
    '%s is',
    (address) => expect(isPublicAddress(address)).toBe(true),
  );
});
