import { isIP } from 'node:net';
import { webhookSigningKey } from '@relay/contracts';
import { SealingKeys } from '@relay/sealing';
import {
  commonSettings,
  defineSettings,
  optionalDatabaseSettings,
  portSetting,
  provetHostSettings,
  setting,
  type ConfigOf,
} from '@relay/service-kit';

/** Short enough to be copied by a person, long enough that nobody guesses the only thing that guards the hookup URL. */
const HOOKUP_SECRET_LENGTH = 32;

/** Every setting of the gateway. */
export const settings = defineSettings({
  ...commonSettings,
  ...optionalDatabaseSettings,
  ...portSetting(3000),
  ...provetHostSettings,
  publicUrl: setting.url({
    env: 'PUBLIC_URL',
    about: 'Address under which the vendor and browsers reach the gateway',
    example: 'https://relay.example.com',
  }),
  hookupSecrets: setting.list({
    env: 'HOOKUP_SECRET',
    about: `Last path segment of the hookup URL, at least ${HOOKUP_SECRET_LENGTH} characters; comma list while rotating`,
    secret: true,
    entryMin: HOOKUP_SECRET_LENGTH,
  }),
  webhookKeys: setting.list({
    env: 'WEBHOOK_KEYS',
    about: 'Comma list of base64url 32-byte keys; the first makes webhook URLs, all verify them',
    secret: true,
    check: (keys) => (keys.every(isWebhookKey) ? null : 'must be a comma-separated list of 32-byte keys in base64url'),
  }),
  credentialPublicJwks: setting.text({
    env: 'CREDENTIAL_PUBLIC_JWKS',
    about: 'Public key set that client secrets are sealed to; only the token-broker can open them',
    check: (jwks) => (isSealingKeySet(jwks) ? null : 'must be a JSON Web Key Set with a public EC or X25519 key'),
  }),
  tokenBrokerUrl: setting.url({
    env: 'TOKEN_BROKER_URL',
    about: "Where the token-broker's consent pages are",
    default: 'http://127.0.0.1:3002',
  }),
  trustedProxies: setting.list({
    env: 'TRUSTED_PROXIES',
    about: 'Comma list of addresses or CIDR ranges whose forwarding headers count; empty = none',
    default: [],
    check: (ranges) =>
      ranges.every(isAddressRange) ? null : 'must be a comma-separated list of addresses or CIDR ranges',
  }),
});

export type GatewayConfig = ConfigOf<typeof settings>;

function isWebhookKey(key: string): boolean {
  try {
    webhookSigningKey(key);
    return true;
  } catch {
    return false;
  }
}

function isSealingKeySet(jwks: string): boolean {
  try {
    SealingKeys.parse(jwks);
    return true;
  } catch {
    return false;
  }
}

function isAddressRange(text: string): boolean {
  const [address = '', bits, ...rest] = text.split('/');
  const family = isIP(address);
  if (family === 0 || rest.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128));
}
