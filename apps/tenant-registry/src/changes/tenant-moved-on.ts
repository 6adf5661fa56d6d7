/** Somebody else has changed the tenant since it was read. Nothing was written; the whole change is tried again. */
export class TenantMovedOn extends Error {
  readonly code = 'tenant-moved-on';
  readonly retryable = true;

  constructor(readonly tenantId: string) {
    super('the tenant was changed by another process in the meantime');
    this.name = 'TenantMovedOn';
  }
}
