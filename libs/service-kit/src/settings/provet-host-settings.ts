import { HostAllowList } from '@relay/http-client';
import { setting } from './kinds.js';
import { defineSettings } from './setting.js';

/** Which Provet hosts may register and be called. Loopback and private addresses only where listed literally. */
export const provetHostSettings = defineSettings({
  provetAllowedHosts: setting.list({
    env: 'PROVET_ALLOWED_HOSTS',
    about: 'Hosts that may register and be called; entries may have a port, * is one whole label, ! excludes',
    default: ['provetcloud.com', '*.provetcloud.com', '!awstest.provetcloud.com'],
    check: (entries) => {
      try {
        HostAllowList.parse(entries);
        return null;
      } catch (error) {
        return error instanceof Error ? error.message : 'has an entry that is no host';
      }
    },
  }),
  provetAllowHttp: setting.flag({
    env: 'PROVET_ALLOW_HTTP',
    about: 'Allow plain http to Provet hosts; for simulators only',
    default: false,
  }),
});
