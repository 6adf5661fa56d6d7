import { SERVICES, type LocalService } from '../services.ts';

type ServiceName = LocalService['name'];

export interface NamedPort {
  readonly variable: string;
  readonly port: string;
  readonly of: string;
}

/** Which service may see which secret (docs/CONTRACT.md §2); it is taken out of everybody else's environment. */
export const SECRETS: Readonly<Record<string, readonly ServiceName[]>> = {
  HOOKUP_SECRET: ['gateway'],
  WEBHOOK_KEYS: ['gateway', 'provet-sync', 'tenant-registry'],
  CREDENTIAL_PUBLIC_JWKS: ['gateway', 'tenant-registry'],
  CREDENTIAL_PRIVATE_JWKS: ['token-broker'],
  PROVET_TOKEN_PUBLIC_JWKS: ['token-broker'],
  PROVET_TOKEN_PRIVATE_JWKS: ['provet-sync'],
  EXACT_TOKEN_PUBLIC_JWKS: ['token-broker'],
  EXACT_TOKEN_PRIVATE_JWKS: ['exact-sync'],
  EXACT_CLIENT_ID: ['token-broker'],
  EXACT_CLIENT_SECRET: ['token-broker'],
  STORAGE_KEYS_JWKS: ['token-broker'],
  OPERATOR_TOKENS: ['tenant-registry'],
  OPERATOR_TOKEN: [],
};

const SIMULATED_CLIENT = { EXACT_CLIENT_ID: 'practice-relay', EXACT_CLIENT_SECRET: 'only-for-the-simulator' };

function variableOf(service: ServiceName, kind: 'PORT' | 'MANAGEMENT_PORT'): string {
  return `${service.toUpperCase().replaceAll('-', '_')}_${kind}`;
}

/** Every port that `npm start` opens beside Kafka and Postgres, with the variable that moves it. */
export function portsToOpen(env: NodeJS.ProcessEnv): NamedPort[] {
  const ports: NamedPort[] = [];
  const add = (variable: string, usual: number, of: string) =>
    ports.push({ variable, port: env[variable] || String(usual), of });
  for (const { name, port, managementPort } of SERVICES) {
    if (port !== null) add(variableOf(name, 'PORT'), port, name);
    add(variableOf(name, 'MANAGEMENT_PORT'), managementPort, `${name}, management`);
  }
  if (usesSimulator(env)) {
    add('PROVET_SIMULATOR_PORT', 3100, 'simulator of Provet');
    add('EXACT_SIMULATOR_PORT', 3101, 'simulator of EXACT');
  }
  return ports;
}

export function usesSimulator(env: NodeJS.ProcessEnv): boolean {
  return env['SIMULATOR'] !== 'false';
}

export interface StartPlan {
  readonly env: NodeJS.ProcessEnv;
  readonly keyring: Readonly<Record<string, string>>;
  readonly kafkaBrokers: string;
  readonly databaseUrl: string;
}

function portOf(env: NodeJS.ProcessEnv, variable: string): string {
  const found = portsToOpen(env).find((port) => port.variable === variable);
  if (found === undefined) throw new Error(`no port ${variable}`);
  return found.port;
}

export function managementPortOf(env: NodeJS.ProcessEnv, service: ServiceName): string {
  return portOf(env, variableOf(service, 'MANAGEMENT_PORT'));
}

/** `http://127.0.0.1:…` of a part of this start, as the other parts reach it. */
export function addressOf(env: NodeJS.ProcessEnv, part: ServiceName | 'provet-simulator' | 'exact-simulator'): string {
  const variable =
    part === 'provet-simulator' || part === 'exact-simulator'
      ? `${part.toUpperCase().replaceAll('-', '_')}_PORT`
      : variableOf(part, 'PORT');
  return `http://127.0.0.1:${portOf(env, variable)}`;
}

export function publicUrlOf(env: NodeJS.ProcessEnv): string {
  return env['PUBLIC_URL'] || addressOf(env, 'gateway');
}

/** What every service gets unless the person's environment says otherwise. */
function defaults(plan: StartPlan): NodeJS.ProcessEnv {
  const { env } = plan;
  return {
    ...plan.keyring,
    HOST: '127.0.0.1',
    LOG_FORMAT: 'json',
    // Services, simulator, Kafka and Postgres one after the other must be down within 15 s.
    SHUTDOWN_GRACE_MS: '7000',
    PUBLIC_URL: publicUrlOf(env),
    TENANT_REGISTRY_URL: addressOf(env, 'tenant-registry'),
    TOKEN_BROKER_URL: addressOf(env, 'token-broker'),
    ...(usesSimulator(env)
      ? // Quicker than in production, so that something is to be seen soon.
        { EXACT_SUBSCRIPTION_SECONDS: '20', EXACT_POLL_SECONDS: '10', PROVET_RECONCILE_SECONDS: '60' }
      : {}),
  };
}

/** What must point to this start's own parts, whatever the person's environment says. */
function forced(plan: StartPlan): NodeJS.ProcessEnv {
  const { env, kafkaBrokers, databaseUrl } = plan;
  const servers = { KAFKA_BROKERS: kafkaBrokers, DATABASE_URL: databaseUrl };
  if (!usesSimulator(env)) return servers;
  const provetHost = new URL(addressOf(env, 'provet-simulator')).host;
  const exact = addressOf(env, 'exact-simulator');
  return {
    ...servers,
    ...SIMULATED_CLIENT,
    PROVET_ALLOW_HTTP: 'true',
    PROVET_ALLOWED_HOSTS: [env['PROVET_ALLOWED_HOSTS'], provetHost].filter(Boolean).join(','),
    EXACT_ENVIRONMENT: 'qa',
    EXACT_API_URL: exact,
    EXACT_AUTHORITY_URL: exact,
    // It would win over what the simulator says of itself.
    EXACT_TOKEN_URL: undefined,
  };
}

/** The whole environment of one service under `npm start`. */
export function serviceEnvironment(plan: StartPlan, service: LocalService): NodeJS.ProcessEnv {
  const { env } = plan;
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
  const all: NodeJS.ProcessEnv = {
    ...withoutFileVariants(defaults(plan), given),
    ...given,
    ...forced(plan),
    PORT: service.port === null ? undefined : portOf(env, variableOf(service.name, 'PORT')),
    MANAGEMENT_PORT: managementPortOf(env, service.name),
    RELAY_WATCH_PARENT: '1',
  };
  for (const name of Object.keys(forced(plan))) delete all[`${name}_FILE`];
  for (const [secret, services] of Object.entries(SECRETS)) {
    if (services.includes(service.name)) continue;
    delete all[secret];
    delete all[`${secret}_FILE`];
  }
  return all;
}

/** Where provet-sync may call under this start, for commands that look at the vendor beside it. */
export function provetHosts(plan: StartPlan): { provetAllowedHosts?: string; provetAllowHttp?: string } {
  const sync = SERVICES.find(({ name }) => name === 'provet-sync');
  const env = sync === undefined ? {} : serviceEnvironment(plan, sync);
  const { PROVET_ALLOWED_HOSTS: hosts, PROVET_ALLOW_HTTP: http } = env;
  return {
    ...(hosts === undefined ? {} : { provetAllowedHosts: hosts }),
    ...(http === undefined ? {} : { provetAllowHttp: http }),
  };
}

/** A default gives way to a value from a file too: NAME and NAME_FILE together are an error. */
function withoutFileVariants(values: NodeJS.ProcessEnv, given: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(values).filter(([name]) => given[`${name}_FILE`] === undefined));
}

export function simulatorEnvironment(plan: StartPlan): NodeJS.ProcessEnv {
  const { env, keyring } = plan;
  const [secret = ''] = (env['HOOKUP_SECRET'] || keyring['HOOKUP_SECRET'] || '').split(',');
  return {
    ...env,
    ...SIMULATED_CLIENT,
    PROVET_SIMULATOR_PORT: portOf(env, 'PROVET_SIMULATOR_PORT'),
    EXACT_SIMULATOR_PORT: portOf(env, 'EXACT_SIMULATOR_PORT'),
    SIMULATOR_HOOKUP_URL: `${addressOf(env, 'gateway')}/hookup/provet/${secret}`,
    SIMULATOR_LIFE: env['SIMULATOR_LIFE'] || 'true',
    RELAY_WATCH_PARENT: '1',
  };
}
