import { lookup as dnsLookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { buildConnector } from 'undici';
import { isPublicAddress } from './address-kind.js';
import type { HostAllowList } from './host-allow-list.js';

/** The host is not allowed, or it leads to an address that it may not lead to. No connection was made. */
export class HostRefused extends Error {
  readonly code = 'host-refused';
  readonly retryable = false;

  constructor(why: string) {
    super(why);
    this.name = 'HostRefused';
  }
}

export type Resolve = (hostname: string) => Promise<readonly string[]>;

const resolveByDns: Resolve = async (hostname) =>
  (await dnsLookup(hostname, { all: true, verbatim: true })).map((found) => found.address);

export interface ConnectorOptions {
  readonly allow: HostAllowList | null;
  /** Names that are listed without `*` may lead to this machine or a private network, as those of simulators do. */
  readonly privateNames: boolean;
  readonly connectTimeoutMs: number;
  readonly resolve?: Resolve;
}

/** `host:port` without the port where it is https on 443: the form of the allow list. */
export function listedHost(protocol: string, hostname: string, port: string): string {
  const given = port || (protocol === 'http:' ? '80' : '443');
  const name = hostname.toLowerCase();
  return protocol === 'https:' && given === '443' ? name : `${name}:${given}`;
}

type Target = Pick<buildConnector.Options, 'protocol' | 'hostname' | 'port'>;

/**
 * The addresses that a connection may go to, looked up now. Throws `HostRefused` when there are none. What a name leads to is
 * up to whoever runs its zone, so a name alone opens no way into a private network; and what is sent in clear stays there.
 */
export async function checkedAddresses(options: ConnectorOptions, target: Target): Promise<readonly string[]> {
  const { allow, privateNames, resolve = resolveByDns } = options;
  const name = target.hostname.replace(/^\[|\]$/g, '');
  if (allow === null) return isIP(name) === 0 ? resolve(name) : [name];
  const listed = listedHost(target.protocol, target.hostname, target.port ?? '');
  if (!allow.allows(listed)) throw new HostRefused('the host is not in the allow list');
  const found = isIP(name) === 0 ? await resolve(name) : [name];
  const mayBePrivate = allow.namesAddress(listed) || (privateNames && allow.namesHost(listed));
  const inClear = target.protocol === 'http:';
  const usable = found.filter((address) => (isPublicAddress(address) ? !inClear : mayBePrivate));
  if (usable.length > 0) return usable;
  throw new HostRefused(
    inClear && mayBePrivate
      ? 'plain http goes to this machine and private networks only'
      : 'the host leads to an address that is not public',
  );
}

/**
 * Connects to the very address that was checked. Between a check and a second look-up by the socket the name could be
 * pointed elsewhere. TLS still verifies the name.
 */
export function guardedConnector(options: ConnectorOptions): buildConnector.connector {
  const connect = buildConnector({ timeout: options.connectTimeoutMs, allowH2: false });
  const tryInTurn = (
    addresses: readonly string[],
    target: buildConnector.Options,
    callback: buildConnector.Callback,
  ): void => {
    const [address, ...rest] = addresses;
    if (address === undefined) return callback(new Error('the host has no address'), null);
    const servername = target.servername || (isIP(target.hostname.replace(/^\[|\]$/g, '')) ? '' : target.hostname);
    const pinned = { ...target, hostname: address, ...(servername ? { servername } : {}) };
    connect(target.protocol === 'https:' ? pinned : { ...target, hostname: address }, (...result) => {
      if (result[0] !== null && rest.length > 0) tryInTurn(rest, target, callback);
      else callback(...result);
    });
  };
  const checkAndConnect = async (target: buildConnector.Options, callback: buildConnector.Callback): Promise<void> => {
    let addresses: readonly string[];
    try {
      addresses = await checkedAddresses(options, target);
    } catch (error) {
      callback(error instanceof Error ? error : new Error(String(error)), null);
      return;
    }
    tryInTurn(addresses, target, callback);
  };
  return (target, callback) => void checkAndConnect(target, callback);
}
