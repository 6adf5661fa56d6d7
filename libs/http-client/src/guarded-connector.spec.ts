import { describe, expect, it } from 'vitest';
import { HostRefused, checkedAddresses, type ConnectorOptions } from './guarded-connector.js';
import { HostAllowList } from './host-allow-list.js';

const PUBLIC = '93.184.215.14';
const PRIVATE = ['127.0.0.1', '10.1.2.3', '169.254.169.254', '192.168.1.1', '::1', 'fd00::1', '::ffff:127.0.0.1'];

/** A name whose zone answers something else each time. */
function zone(...answers: readonly string[][]): NonNullable<ConnectorOptions['resolve']> {
  let asked = 0;
  return () => Promise.resolve(answers[Math.min(asked++, answers.length - 1)] ?? []);
}

const options = (entries: readonly string[], over: Partial<ConnectorOptions> = {}): ConnectorOptions => ({
  allow: HostAllowList.parse(entries),
  privateNames: false,
  connectTimeoutMs: 1000,
  ...over,
});
const at = (address: string) => {
  const { protocol, hostname, port } = new URL(address);
  return { protocol, hostname, port };
};
const LISTS: readonly string[][] = [['vet.example.com'], ['*.example.com']];

describe.each(LISTS)('a name that the list allows (%s)', (...entries) => {
  const target = at('https://vet.example.com/');

  it.each(PRIVATE)('is not called where it leads to %s', async (address) => {
    await expect(checkedAddresses(options(entries, { resolve: zone([address]) }), target)).rejects.toThrow(HostRefused);
  });

  it('is called on its public addresses only, where it has both', async () => {
    const resolve = zone([...PRIVATE, PUBLIC]);
    expect(await checkedAddresses(options(entries, { resolve }), target)).toEqual([PUBLIC]);
  });

  it('is looked at anew for every connection: what it led to before is no pass', async () => {
    const rebound = options(entries, { resolve: zone([PUBLIC], ['127.0.0.1']) });
    expect(await checkedAddresses(rebound, target)).toEqual([PUBLIC]);
    await expect(checkedAddresses(rebound, target)).rejects.toThrow('not public');
  });
});

describe('private addresses', () => {
  it.each(['127.0.0.1:8080', '10.1.2.3:8080', '[::1]:8080'])('are called where %s itself is listed', async (entry) => {
    const name = entry.replace(/:8080$/, '').replace(/[[\]]/g, '');
    for (const scheme of ['http', 'https']) {
      expect(await checkedAddresses(options([entry]), at(`${scheme}://${entry}/`))).toEqual([name]);
    }
  });

  it.each(['http://2130706433:8080/', 'http://0x7f.1:8080/', 'http://127.1:8080/', 'http://[::ffff:127.0.0.1]:8080/'])(
    'are the same however they are spelt (%s)',
    async (spelt) => {
      await expect(checkedAddresses(options(['*.example.com:8080']), at(spelt))).rejects.toThrow(HostRefused);
    },
  );

  it('are called by localhost, which stands for nothing else', async () => {
    const simulator = options(['localhost:8080'], { resolve: zone(['127.0.0.1']) });
    expect(await checkedAddresses(simulator, at('http://localhost:8080/'))).toEqual(['127.0.0.1']);
  });

  it('are called by a listed name only where names may be private, and never by a pattern', async () => {
    const over = { privateNames: true, resolve: zone(['10.1.2.3']) };
    const target = at('http://twin.example.com:8080/');
    expect(await checkedAddresses(options(['twin.example.com:8080'], over), target)).toEqual(['10.1.2.3']);
    await expect(checkedAddresses(options(['*.example.com:8080'], over), target)).rejects.toThrow('not public');
  });
});

describe('plain http', () => {
  it('goes nowhere but to this machine and private networks', async () => {
    const over = { privateNames: true, resolve: zone([PUBLIC]) };
    const target = at('http://twin.example.com:8080/');
    await expect(checkedAddresses(options(['twin.example.com:8080'], over), target)).rejects.toThrow('plain http');
    await expect(checkedAddresses(options([`${PUBLIC}:8080`]), at(`http://${PUBLIC}:8080/`))).rejects.toThrow(
      'plain http',
    );
    const mixed = { privateNames: true, resolve: zone([PUBLIC, '10.1.2.3']) };
    expect(await checkedAddresses(options(['twin.example.com:8080'], mixed), target)).toEqual(['10.1.2.3']);
  });
});

it('a port, a scheme or a host that is not listed is not even looked up', async () => {
  const resolve = () => Promise.reject(new Error('looked up'));
  for (const address of [
    'https://evil.example/',
    'https://vet.example.com:8443/',
    'http://vet.example.com/',
    'https://vet.example.com.evil.example/',
    'https://xn--vet-x.example.com.evil.example/',
  ]) {
    const checked = checkedAddresses(options(['vet.example.com'], { resolve }), at(address));
    await expect(checked, address).rejects.toThrow('not in the allow list');
  }
});
