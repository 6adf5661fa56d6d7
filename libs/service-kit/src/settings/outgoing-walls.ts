import { HostAllowList, type OutgoingHttpOptions } from '@relay/http-client';
import { EXACT_HOSTS } from './exact-settings.js';

type Walls = Required<Pick<OutgoingHttpOptions, 'allow' | 'allowHttp' | 'privateNames'>>;

/** Where calls to Provet may go: what `PROVET_ALLOWED_HOSTS` lists. Names of simulators may lead into a private network. */
export function provetWalls(allowedHosts: readonly string[], allowHttp: boolean): Walls {
  return { allow: HostAllowList.parse(allowedHosts), allowHttp, privateNames: allowHttp };
}

const REAL_HOSTS = Object.values(EXACT_HOSTS)
  .flatMap((environment) => Object.values(environment))
  .map(listed);

/**
 * Where calls to EXACT may go: the hosts of the configuration, and no other. The vendor's own names must lead to public
 * addresses; an override may name what an operator likes. Empty addresses (EXACT is off) allow nothing.
 */
export function exactWalls(addresses: readonly string[]): Walls {
  const given = addresses.filter((address) => address !== '');
  const hosts = given.map(listed);
  return {
    allow: HostAllowList.parse(hosts),
    allowHttp: given.some((address) => address.startsWith('http:')),
    privateNames: !hosts.some((host) => REAL_HOSTS.includes(host)),
  };
}

/** A host as the allow list has it: with its port unless that is https on 443. */
function listed(address: string): string {
  const { protocol, hostname, port } = new URL(address);
  const written = port || (protocol === 'http:' ? '80' : '');
  return written === '' ? hostname : `${hostname}:${written}`;
}
