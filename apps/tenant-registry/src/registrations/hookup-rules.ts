import type { HookupUrlRules } from '@relay/contracts';
import { HostAllowList } from '@relay/http-client';

/** Which addresses a registration may name, by this service's settings. */
export class HookupRules implements HookupUrlRules {
  readonly allowHttp: boolean;
  private readonly hosts: HostAllowList;

  constructor(config: { readonly provetAllowedHosts: readonly string[]; readonly provetAllowHttp: boolean }) {
    this.allowHttp = config.provetAllowHttp;
    this.hosts = HostAllowList.parse([...config.provetAllowedHosts]);
  }

  hostAllowed = (host: string): boolean => this.hosts.allows(host);
}
