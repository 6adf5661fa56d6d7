import { OpeningKeys, SealingKeys, StorageKeys } from '@relay/sealing';
import {
  commonSettings,
  databaseSettings,
  defineSettings,
  exactSettings,
  outgoingHttpSettings,
  portSetting,
  provetHostSettings,
  setting,
  type ConfigOf,
} from '@relay/service-kit';

/** Every setting of the token-broker. */
export const settings = defineSettings({
  ...commonSettings,
  ...portSetting(3002),
  ...databaseSettings,
  ...outgoingHttpSettings,
  ...provetHostSettings,
  ...exactSettings,
  publicUrl: setting.url({
    env: 'PUBLIC_URL',
    about: 'Address under which vendors and browsers reach the gateway',
    example: 'https://relay.example.com',
  }),
  credentialPrivateJwks: setting.secret({
    env: 'CREDENTIAL_PRIVATE_JWKS',
    about: 'Private key set that opens client secrets',
    check: (jwks) => keySetProblem(() => OpeningKeys.parse(jwks)),
  }),
  provetTokenPublicJwks: setting.text({
    env: 'PROVET_TOKEN_PUBLIC_JWKS',
    about: 'Public key set that Provet access tokens are sealed to for provet-sync',
    check: (jwks) => keySetProblem(() => SealingKeys.parse(jwks)),
  }),
  exactTokenPublicJwks: setting.text({
    env: 'EXACT_TOKEN_PUBLIC_JWKS',
    about: 'Public key set that EXACT access tokens are sealed to for exact-sync',
    check: (jwks) => keySetProblem(() => SealingKeys.parse(jwks)),
  }),
  storageKeysJwks: setting.secret({
    env: 'STORAGE_KEYS_JWKS',
    about: 'Key ring for what lies in the database; the first encrypts, all decrypt',
    check: (jwks) => keySetProblem(() => StorageKeys.parse(jwks)),
  }),
  hookupMaxPerHour: setting.integer({
    env: 'HOOKUP_MAX_PER_HOUR',
    about: 'New registrations that are tried at vendors in an hour, over all tenants; the rest wait in order',
    default: 120,
    min: 1,
  }),
  tokenRequestsPerSecond: setting.number({
    env: 'TOKEN_REQUESTS_PER_SECOND',
    about: 'Token requests a second to one vendor host, over all processes; 0 = no limit',
    default: 50,
    min: 0,
  }),
  exactScopeProbeSeconds: setting.seconds({
    env: 'EXACT_SCOPE_PROBE_SECONDS',
    about: 'How often it is found out which scopes EXACT grants to the client; at every start as well',
    default: 86_400,
  }),
  exactClientId: setting.optionalText({
    env: 'EXACT_CLIENT_ID',
    about: "The integrator's EXACT client; needed with EXACT_ENVIRONMENT",
    check: (value, values) => neededWithExact(value, values['exactEnvironment']),
  }),
  exactClientSecret: setting.optionalSecret({
    env: 'EXACT_CLIENT_SECRET',
    about: "Secret of the integrator's EXACT client; needed with EXACT_ENVIRONMENT",
    check: (value, values) => neededWithExact(value, values['exactEnvironment']),
  }),
});

export type TokenBrokerConfig = ConfigOf<typeof settings>;

function keySetProblem(parse: () => unknown): string | null {
  try {
    parse();
    return null;
  } catch {
    return 'must be a JSON Web Key Set of the right kind of keys';
  }
}

function neededWithExact(value: string | null, environment: unknown): string | null {
  const isOn = typeof environment === 'string' && environment !== '';
  return isOn && value === null ? 'must be given when EXACT_ENVIRONMENT is set' : null;
}
