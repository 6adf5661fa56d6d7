import { webhookSigningKey } from '@relay/contracts';
import { SealingKeys } from '@relay/sealing';
import {
  commonSettings,
  databaseSettings,
  defineSettings,
  portSetting,
  provetHostSettings,
  setting,
  type ConfigOf,
} from '@relay/service-kit';
import { OperatorTokens } from './operators/operator-tokens.js';

/** Every setting of the tenant registry. */
export const settings = defineSettings({
  ...commonSettings,
  ...databaseSettings,
  ...portSetting(3001),
  ...provetHostSettings,
  publicUrl: setting.url({
    env: 'PUBLIC_URL',
    about: 'Address under which the vendor and browsers reach the gateway',
    example: 'https://relay.example.com',
  }),
  webhookKeys: setting.list({
    env: 'WEBHOOK_KEYS',
    about: 'Comma list of base64url 32-byte keys; the first makes webhook URLs, all verify them',
    secret: true,
    check: (keys) =>
      keys.every((key) => works(() => webhookSigningKey(key)))
        ? null
        : 'must be a comma-separated list of 32-byte keys in base64url',
  }),
  credentialPublicJwks: setting.text({
    env: 'CREDENTIAL_PUBLIC_JWKS',
    about: 'Public key set that client secrets are sealed to; only the token-broker can open them',
    check: (jwks) =>
      works(() => SealingKeys.parse(jwks)) ? null : 'must be a JSON Web Key Set with a public EC or X25519 key',
  }),
  provetUninstallDays: setting.number({
    env: 'PROVET_UNINSTALL_DAYS',
    about: 'Days that the vendor may not know a client before an operator is asked to withdraw the tenant',
    // A few seconds, for whoever wants to watch it.
    min: 0.00001,
    default: 14,
  }),
  purgeAfterDays: setting.number({
    env: 'PURGE_AFTER_DAYS',
    about: 'Days after its withdrawal until all records of a tenant are purged',
    // A few seconds, for whoever wants to watch it.
    min: 0.00001,
    default: 30,
  }),
  auditKeepDays: setting.number({
    env: 'AUDIT_KEEP_DAYS',
    about: 'Days that audit entries can be asked for; the topic itself keeps them for a year',
    // A few seconds, for whoever wants to watch it.
    min: 0.00001,
    default: 365,
  }),
  operatorTokens: setting.list({
    env: 'OPERATOR_TOKENS',
    about: 'Who may use the admin API: comma list of name:role:sha256hex[:expires], roles viewer, operator, admin',
    secret: true,
    check: (entries) => {
      const { problems } = OperatorTokens.parse(entries);
      return problems.length === 0 ? null : problems.join('; ');
    },
  }),
});

export type RegistryConfig = ConfigOf<typeof settings>;

function works(read: () => unknown): boolean {
  try {
    read();
    return true;
  } catch {
    return false;
  }
}
