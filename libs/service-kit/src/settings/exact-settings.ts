import {
  EXACT_ENVIRONMENTS,
  EXACT_RESOURCES,
  EXACT_USUAL_RESOURCES,
  exactScopesWanted,
  type ExactEnvironment,
} from '@relay/contracts';
import { setting } from './kinds.js';
import { defineSettings, type SettingValues } from './setting.js';

/** The vendor's two environments share nothing. Mind that the token host has no `.ex` in it. */
export const EXACT_HOSTS = {
  production: {
    api: 'https://api.ex.softwareofexcellence.com',
    authority: 'https://auth.softwareofexcellence.com',
  },
  qa: {
    api: 'https://qa-api.ex.softwareofexcellence.com',
    authority: 'https://qa-auth.softwareofexcellence.com',
  },
} as const satisfies Record<ExactEnvironment, { api: string; authority: string }>;

function hostFor(part: 'api' | 'authority'): (values: SettingValues) => string {
  return (values) => {
    const environment = EXACT_ENVIRONMENTS.find((name) => name === values['exactEnvironment']);
    return environment ? EXACT_HOSTS[environment][part] : '';
  };
}

/** Every host of the vendor's, also one that is not known by name yet. */
const VENDOR_DOMAIN = 'softwareofexcellence.com';

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** Whose environment a host of the vendor's belongs to; null for any other host. Its QA hosts are all called `qa-…`. */
function environmentOf(text: string): ExactEnvironment | null {
  // A dot at the end is the same host to the network.
  const host = (URL.parse(text)?.hostname ?? '').replace(/\.$/, '');
  if (host !== VENDOR_DOMAIN && !host.endsWith(`.${VENDOR_DOMAIN}`)) return null;
  return /^qa[-.]/.test(host) ? 'qa' : 'production';
}

/** Plain http only on this machine; a real host only in its own environment, and never one of each. */
function addressProblem(value: string, values: SettingValues): string | null {
  if (value === '') return null;
  const url = new URL(value);
  if (url.protocol === 'http:' && !LOOPBACK.test(url.hostname)) return 'must be https unless it is a loopback address';
  const environment = environmentOf(value);
  const wanted = values['exactEnvironment'];
  if (environment !== null && wanted !== '' && wanted !== undefined && environment !== wanted) {
    return `is the vendor's ${environment} host, but EXACT_ENVIRONMENT is another`;
  }
  return null;
}

/** Without an environment there is nothing to hold a host against but the other hosts. */
function mixedHosts(url: string, values: SettingValues): string | null {
  const apiUrl = typeof values['exactApiUrl'] === 'string' ? values['exactApiUrl'] : '';
  // One mistake is reported once.
  if (addressProblem(apiUrl, values) !== null) return null;
  const [api, token] = [environmentOf(apiUrl), environmentOf(url)];
  return api !== null && token !== null && api !== token ? `is a ${token} host beside a ${api} EXACT_API_URL` : null;
}

const besideApi = (value: string, values: SettingValues): string | null =>
  addressProblem(value, values) ?? mixedHosts(value, values);

/** EXACT's environment, hosts, resources and scopes: the same in token-broker and exact-sync. */
export const exactSettings = defineSettings({
  exactEnvironment: setting.choice({
    env: 'EXACT_ENVIRONMENT',
    about: 'production or qa; empty = EXACT is off',
    values: ['production', 'qa', ''],
    default: '',
  }),
  exactApiUrl: setting.url({
    env: 'EXACT_API_URL',
    about: "Instead of the environment's API address; http only on loopback",
    default: hostFor('api'),
    defaultText: '',
    check: addressProblem,
  }),
  exactAuthorityUrl: setting.url({
    env: 'EXACT_AUTHORITY_URL',
    about: "Instead of the environment's identity server; http only on loopback",
    default: hostFor('authority'),
    defaultText: '',
    check: besideApi,
  }),
  exactTokenUrl: setting.url({
    env: 'EXACT_TOKEN_URL',
    about: 'Instead of the token address that the identity server names itself; http only on loopback',
    default: '',
    check: besideApi,
  }),
  exactResources: setting.list({
    env: 'EXACT_RESOURCES',
    about: 'Kinds of EXACT records that are read',
    default: [...EXACT_USUAL_RESOURCES],
    check: (resources) => {
      const unknown = resources.filter((name) => !EXACT_RESOURCES.some((known) => known === name));
      return unknown.length > 0 ? `may hold only ${EXACT_RESOURCES.join(', ')}` : null;
    },
  }),
  exactScopes: setting.list({
    env: 'EXACT_SCOPES',
    about: 'Scopes to ask for; those that the vendor has not granted are found out and reported',
    default: (values) => exactScopesWanted((values['exactResources'] ?? EXACT_USUAL_RESOURCES) as readonly string[]),
    defaultText: 'what EXACT_RESOURCES need',
  }),
});
