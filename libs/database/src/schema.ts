import { SERVICES, type ServiceName } from '@relay/contracts';

/** The Postgres schema of a service: its own name. */
export function schemaOf(service: ServiceName): string {
  return service.replaceAll('-', '_');
}

/** Keeps our advisory locks apart from those of other programs in the same database, which like small numbers. */
const LOCK_BASE = 7_300;

/**
 * First half of a service's advisory lock keys; the second is the shard. Advisory locks are per database, not per
 * schema, so each service needs a number of its own.
 */
export function lockClassOf(service: ServiceName): number {
  return LOCK_BASE + SERVICES.indexOf(service);
}

/** Second half of the key that guards migrations: no shard has this number. */
export const MIGRATION_LOCK = 2_147_483_647;
