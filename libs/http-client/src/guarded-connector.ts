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
  readonly connectTimeoutMs: number;
  readonly resolve?: Resolve;
}

/** `host:port` without the port where it is https on 443: the form of the allow list. */
export function listedHost(protocol: string, hostname: string, port: string): string {
  const given = port || (protocol === 'http:' ? '80' : '443');
  const name = hostname.toLowerCase();
  return protocol === 'https:' && given === '443' ? name : `${name}:${given}`;
}

async function addressesFor(options: ConnectorOptions, target: buildConnector.Options): Promise<readonly string[]> {
  const name = target.hostname.replace(/^\[|\]$/g, '');
  const found = isIP(name) === 0 ? await (options.resolve ?? resolveByDns)(name) : [name];
  if (options.allow === null) return found;
  const listed = listedHost(target.protocol, target.hostname, target.port);
  if (!options.allow.allows(listed)) throw new HostRefused('the host is not in the allow list');
  if (options.allow.allowsPrivate(listed)) return found;
  const usable = found.filter(isPublicAddress);
  if (usable.length === 0) throw new HostRefused('the host leads to an address that is not public');
  return usable;
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
      addresses = await addressesFor(options, target);
    } catch (error) {
      callback(error instanceof Error ? error : new Error(String(error)), null);
      return;
    }
    tryInTurn(addresses, target, callback);
  };
  return (target, callback) => void checkAndConnect(target, callback);
}
