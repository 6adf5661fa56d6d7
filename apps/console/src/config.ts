import { commonSettings, defineSettings, portSetting, setting, type ConfigOf } from '@relay/service-kit';
import { isIP } from 'node:net';

/** Every setting of the console. It has no secret: what an operator may do, the operator's own token says. */
export const settings = defineSettings({
  ...commonSettings,
  ...portSetting(3005),
  tenantRegistryUrl: setting.url({
    env: 'TENANT_REGISTRY_URL',
    about: "Where the tenant registry's API is",
    example: 'http://127.0.0.1:3001',
  }),
  trustedProxies: setting.list({
    env: 'TRUSTED_PROXIES',
    about: 'Comma list of addresses or CIDR ranges whose forwarding headers count; empty = none',
    default: [],
    check: (ranges) =>
      ranges.every(isAddressRange) ? null : 'must be a comma-separated list of addresses or CIDR ranges',
  }),
});

export type ConsoleConfig = ConfigOf<typeof settings>;

function isAddressRange(text: string): boolean {
  const [address = '', bits, ...rest] = text.split('/');
  const family = isIP(address);
  if (family === 0 || rest.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128));
}
