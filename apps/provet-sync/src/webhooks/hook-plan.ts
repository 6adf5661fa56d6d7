import type { KeyObject } from 'node:crypto';
import { triggersOf, webhookKeyId, webhookUrl, type Trigger } from '@relay/contracts';
import { decoded, type HookTarget, type KnownHook } from './known-hooks.js';

/** A hook that a tenant should have: one trigger, organisation-wide, with a URL of its own. */
export interface WantedHook {
  readonly resource: string;
  readonly trigger: Trigger;
  /** The URL to register: made with the first key. */
  readonly url: string;
  /** Of the first key. */
  readonly keyId: string;
}

/**
 * How a wanted hook stands. `current` = a URL of the first key serves it. `older` = served, but by a URL that stops serving
 * when an older key is removed. `none` = nothing of ours is called for it.
 */
export type Standing = 'current' | 'older' | 'none';

/** The hooks for all triggers of the enabled resources. `keys`: the first makes URLs, all are still verified. */
export function wantedHooks(
  resources: readonly string[],
  target: HookTarget,
  publicUrl: string,
  [first]: readonly [KeyObject, ...KeyObject[]],
): WantedHook[] {
  const keyId = webhookKeyId(first);
  return resources.flatMap((resource) =>
    triggersOf(resource).map((trigger) => ({
      resource,
      trigger,
      url: webhookUrl(publicUrl, target, trigger.number, first),
      keyId,
    })),
  );
}

/** How a hook stands by the tenant's active, organisation-wide hooks that call us here. */
export function standingOf(wanted: WantedHook, known: readonly KnownHook[]): Standing {
  const serving = known.filter(
    (hook) =>
      hook.trigger === wanted.trigger.number &&
      hook.isWhole &&
      hook.address.isHere &&
      // A deletion that arrives under `any` cannot be told from a change, so there it does not replace the own hook.
      (hook.address.trigger === hook.trigger || (hook.address.trigger === 'any' && wanted.trigger.kind === 'changed')),
  );
  if (serving.some(({ address }) => address.keyId === wanted.keyId)) return 'current';
  return serving.length > 0 ? 'older' : 'none';
}

/**
 * Ids of the hooks that we have made with an older key or for another public URL and that nothing needs any more, `current`
 * being the triggers that a URL of the first key serves. Only what is ours for certain: a key of ours has made the URL, and
 * it still has the name that we gave it.
 */
export function outdatedHooks(
  known: readonly KnownHook[],
  wanted: readonly WantedHook[],
  current: ReadonlySet<number>,
): string[] {
  const keyId = wanted[0]?.keyId;
  if (keyId === undefined) return [];
  return known.flatMap(({ id, by, isWhole, trigger, address }) => {
    const isOld = address.keyId !== keyId || !address.isHere;
    const isNeeded = wanted.some((one) => one.trigger.number === trigger) && !current.has(trigger);
    return id !== null && by === 'relay' && isWhole && isOld && !isNeeded ? [id] : [];
  });
}

/**
 * Ids of the hooks that call us about this tenant. By the address alone: it may be made with a key that we no longer have, or
 * for a resource that is switched off.
 */
export function ownHooks(
  hooks: readonly Readonly<Record<string, unknown>>[],
  { host, provetId }: HookTarget,
  publicUrl: string,
): string[] {
  const ours = decoded(`${publicUrl.replace(/\/+$/, '')}/webhooks/provet/${host}/${provetId}/`);
  return hooks.flatMap((hook) => {
    const callsUs = Object.values(hook).some((value) => typeof value === 'string' && decoded(value).startsWith(ours));
    const id = hook['id'];
    // It becomes part of an address: nothing but what the vendor numbers its hooks with.
    return callsUs && typeof id === 'number' && Number.isSafeInteger(id) ? [String(id)] : [];
  });
}

/** Resources all of whose change triggers are in place: only for them can a change be called missed. */
export function resourcesInPlace(wanted: readonly WantedHook[], missing: ReadonlySet<WantedHook>): string[] {
  const changes = wanted.filter((hook) => hook.trigger.kind === 'changed');
  const incomplete = new Set(changes.filter((hook) => missing.has(hook)).map((hook) => hook.resource));
  return [...new Set(changes.map((hook) => hook.resource))].filter((resource) => !incomplete.has(resource));
}
