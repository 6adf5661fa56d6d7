import { EXACT_ENVIRONMENTS, type ExactEnvironment } from '@relay/contracts';
import { setting } from './kinds.js';
import { defineSettings, type SettingValues } from './setting.js';

/** The vendor's two environments share nothing. Mind that the token host has no `.ex` in it. */
export const EXACT_HOSTS = {
  production: {
    api: 'https://api.ex.softwareofexcellence.com',
    token: 'https://auth.softwareofexcellence.com/connect/token',
  },
  qa: {
    api: 'https://qa-api.ex.softwareofexcellence.com',
    token: 'https://qa-auth.softwareofexcellence.com/connect/token',
  },
} as const satisfies Record<ExactEnvironment, { api: string; token: string }>;

const RESOURCES = ['practice', 'practitioner', 'appointment', 'patient'] as const;

/** Scopes that reading each resource needs. The listing of subscriptions is always needed. */
const SCOPES_OF: Readonly<Record<(typeof RESOURCES)[number], readonly string[]>> = {
  practice: ['practice.get'],
  practitioner: ['practitioner.list', 'practitioner.get'],
  appointment: ['appointment.list', 'appointment.get'],
  patient: ['patient.list', 'patient.get'],
};

function scopesFor(resources: readonly string[]): string[] {
  const scopes = new Set(['productsubscription.get', 'practice.get']);
  for (const resource of RESOURCES) {
    if (resources.includes(resource)) for (const scope of SCOPES_OF[resource]) scopes.add(scope);
  }
  return [...scopes].sort();
}

function hostFor(part: 'api' | 'token'): (values: SettingValues) => string {
  return (values) => {
    const environment = EXACT_ENVIRONMENTS.find((name) => name === values['exactEnvironment']);
    return environment ? EXACT_HOSTS[environment][part] : '';
  };
}

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

function environmentOf(text: string): ExactEnvironment | null {
  const host = URL.parse(text)?.hostname ?? '';
  return (
    EXACT_ENVIRONMENTS.find((name) =>
      Object.values(EXACT_HOSTS[name]).some((known) => new URL(known).hostname === host),
    ) ?? null
  );
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

function mixedHosts(tokenUrl: string, values: SettingValues): string | null {
  const apiUrl = typeof values['exactApiUrl'] === 'string' ? values['exactApiUrl'] : '';
  // One mistake is reported once.
  if (addressProblem(apiUrl, values) !== null) return null;
  const [api, token] = [environmentOf(apiUrl), environmentOf(tokenUrl)];
  return api !== null && token !== null && api !== token ? `is a ${token} host beside a ${api} EXACT_API_URL` : null;
}

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
  exactTokenUrl: setting.url({
    env: 'EXACT_TOKEN_URL',
    about: "Instead of the environment's token address; http only on loopback",
    default: hostFor('token'),
    defaultText: '',
    check: (value, values) => addressProblem(value, values) ?? mixedHosts(value, values),
  }),
  exactResources: setting.list({
    env: 'EXACT_RESOURCES',
    about: 'Kinds of EXACT records that are read',
    default: [...RESOURCES],
    check: (resources) => {
      const unknown = resources.filter((name) => !RESOURCES.some((known) => known === name));
      return unknown.length > 0 ? `may hold only ${RESOURCES.join(', ')}` : null;
    },
  }),
  exactScopes: setting.list({
    env: 'EXACT_SCOPES',
    about: 'Scopes to ask for; one that is not granted fails the whole token request',
    default: (values) => scopesFor((values['exactResources'] ?? RESOURCES) as readonly string[]),
    defaultText: 'what EXACT_RESOURCES need',
  }),
});
