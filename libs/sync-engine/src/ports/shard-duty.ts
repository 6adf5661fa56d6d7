import type { TenantValue } from '@relay/contracts';

/**
 * Work that belongs to a shard but to no tenant's lane (EXACT: the subscription list, details of practices that are not
 * active yet). The engine starts it when a shard has been taken and its tenants are loaded, and aborts `signal` when the
 * shard is lost or the process stops.
 */
export interface ShardDuty {
  start(shard: ShardHandle): void;
  /** A tenant of this shard was loaded or has changed, in whatever state. Called only between start and abort. */
  tenantChanged?(shard: ShardHandle, tenant: TenantValue): void;
}

export interface ShardHandle {
  readonly shard: number;
  readonly epoch: number;
  readonly signal: AbortSignal;
  /** True when a tenant id (or `exact:<environment>`) falls into this shard. */
  owns(tenantId: string): boolean;
  /** The shard's tenants as last seen on `tenant.v1`. */
  tenants(): Iterable<TenantValue>;
}
