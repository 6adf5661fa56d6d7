import { hostOf } from './tenant-id.js';

/** What is wrong with one member, in words that never repeat its value. */
export interface MemberProblem {
  readonly member: string;
  readonly problem: string;
}

interface HookupUrls {
  readonly provet_id: number;
  readonly token_url: string;
  readonly authorize_url: string;
  readonly openid_autodiscovery_url: string | null;
}

/** What the receiver of a registration allows. */
export interface HookupUrlRules {
  /** Plain http is accepted (simulators only). */
  readonly allowHttp: boolean;
  /** True when the host (as in tenant ids: lower case, with port unless https on 443) may be called. */
  hostAllowed(host: string): boolean;
}

interface UrlVerdict {
  /** Broken rules that make the message wrong: 400. */
  readonly invalid: MemberProblem[];
  /** Hosts that are not allowed or differ: 403. */
  readonly forbidden: MemberProblem[];
}

const URL_MEMBERS = ['token_url', 'authorize_url', 'openid_autodiscovery_url'] as const;

/**
 * The URL rules of contract §3. A registration is unauthenticated input that names the address to which a secret will be
 * sent, so every host in it must be one and the same allowed host, and the path must stay the tenant's own.
 * Members in `skip` already have a problem and are not looked at.
 */
export function checkHookupUrls(message: HookupUrls, skip: ReadonlySet<string>, rules: HookupUrlRules): UrlVerdict {
  const verdict: UrlVerdict = { invalid: [], forbidden: [] };
  const hosts = new Map<string, string>();
  for (const member of URL_MEMBERS) {
    const text = message[member];
    if (text === null || skip.has(member)) continue;
    // The discovery document's path is not published by the vendor, so only the other two are bound to the tenant's path.
    const pathPrefix = member === 'openid_autodiscovery_url' || skip.has('provet_id') ? null : `/${message.provet_id}/`;
    const read = readUrl(text, pathPrefix, rules.allowHttp);
    if (typeof read === 'string') verdict.invalid.push({ member, problem: read });
    else hosts.set(member, hostOf(read));
  }
  const [first] = hosts.values();
  for (const [member, host] of hosts) {
    if (!rules.hostAllowed(host)) verdict.forbidden.push({ member, problem: 'names a host that is not allowed' });
    else if (host !== first) verdict.forbidden.push({ member, problem: 'names another host than the other URLs' });
  }
  return verdict;
}

/** The parsed URL, or what is wrong with it. */
function readUrl(text: string, pathPrefix: string | null, allowHttp: boolean): URL | string {
  // The parser would silently drop or turn these; what is checked must be what is called.
  if (/[\s\\\p{Cc}]/u.test(text)) return 'must not contain spaces, control characters or backslashes';
  const url = URL.parse(text);
  if (url === null) return 'must be an absolute URL';
  if (url.protocol !== 'https:' && !(allowHttp && url.protocol === 'http:')) return 'must use https';
  if (url.username !== '' || url.password !== '' || /^[^/]*\/\/[^/?#]*@/.test(text)) {
    return 'must not carry a user name or password';
  }
  if (url.hash !== '' || text.includes('#')) return 'must not have a fragment';
  if (/%(2f|5c)/i.test(url.pathname)) return 'must not have an encoded slash in its path';
  if (pathPrefix !== null && !url.pathname.startsWith(pathPrefix))
    return 'must have a path that starts with /{provet_id}/';
  return url;
}
