import type { ExactResource, TenantValue } from '@relay/contracts';
import type { PracticeFacts } from '../practices/practice-book.js';
import { isOlder } from './exact-version.js';
import { minimumVersionOf } from './minimum-versions.js';

/** Begins the reason of a resource that a practice is too old for; the version that it takes follows. */
export const VERSION_TOO_OLD = 'version-too-old';

/**
 * Which practices can answer which resources by the version of their EXACT. One that is not known, or not written as a
 * version, is asked all the same.
 */
export class VersionGates {
  /** What a practice has answered 501 to, with the version that it had then. */
  private readonly refused = new Map<string, string | null>();

  constructor(
    private readonly facts: PracticeFacts,
    private readonly minimumOf: (resource: string) => string = minimumVersionOf,
  ) {}

  /** Why a resource is not asked for, as `sync-status` names it; null: it may be. */
  lacking({ tenantId }: Pick<TenantValue, 'tenantId'>, resource: ExactResource): string | null {
    const version = this.facts.of(tenantId)?.version ?? null;
    const minimum = this.minimumOf(resource);
    if (version !== null && isOlder(version, minimum)) return `${VERSION_TOO_OLD}: ${minimum}`;
    const key = keyOf(tenantId, resource);
    if (!this.refused.has(key)) return null;
    if (this.refused.get(key) === version && version !== null) return newerThan(version);
    this.refused.delete(key);
    return null;
  }

  /** The practice has said itself that it cannot do this. It is asked again when it has another version. */
  refuse({ tenantId }: Pick<TenantValue, 'tenantId'>, resource: ExactResource): string {
    const version = this.facts.of(tenantId)?.version ?? null;
    this.refused.set(keyOf(tenantId, resource), version);
    return newerThan(version);
  }
}

/** True: the practice is too old for every one of these resources. */
export function isTooOldForAll(
  version: string | null,
  resources: readonly string[],
  minimumOf: (resource: string) => string = minimumVersionOf,
): boolean {
  if (version === null || resources.length === 0) return false;
  return resources.every((resource) => isOlder(version, minimumOf(resource)));
}

const keyOf = (tenantId: string, resource: string): string => `${tenantId}\0${resource}`;
const newerThan = (version: string | null): string => `${VERSION_TOO_OLD}: newer than ${version ?? 'what it has'}`;
