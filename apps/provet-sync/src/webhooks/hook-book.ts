import { ownHooks, standingOf, type WantedHook } from './hook-plan.js';
import type { HookTarget, KnownHook } from './known-hooks.js';
import type { Hook } from './webhook-calls.js';

/** A webhook as it is remembered: which key it uses, never the key or the URL. */
export interface NotedHook {
  readonly hookId: string | null;
  readonly trigger: number;
  /** Null: it calls us, with a key that was not among ours when it was looked at. */
  readonly keyId: string | null;
  readonly by: 'relay' | 'people';
  /** The relay's own hook of the first key serves the same, or nothing does and nothing has to. */
  readonly isSpare: boolean;
}

/** Where it is remembered which webhooks call us, for whoever wants to remove a key. */
export interface HookBook {
  /** What a listing that was asked for at `listedAt` has shown; an earlier one changes nothing. Never throws. */
  note(tenantId: string, listedAt: number, hooks: readonly NotedHook[]): Promise<void>;
}

/** What is worth remembering of a tenant's hooks: those that are active and call us. */
export function notedHooks(
  listed: readonly Hook[],
  known: readonly KnownHook[],
  wanted: readonly WantedHook[],
  target: HookTarget,
  publicUrl: string,
): NotedHook[] {
  const isSpare = (trigger: number): boolean => {
    const one = wanted.find((hook) => hook.trigger.number === trigger);
    return one === undefined || standingOf(one, known) === 'current';
  };
  const ids = new Set(known.map(({ id }) => id));
  const keyless = listed.filter((hook) => {
    const [id] = ownHooks([hook], target, publicUrl);
    return id !== undefined && !ids.has(id) && hook['active'] !== false;
  });
  const firstKey = wanted[0]?.keyId;
  return [
    ...known
      .filter(({ isActive }) => isActive)
      .map(({ id, trigger, address, by }) => {
        const { keyId } = address;
        return { hookId: id, trigger, keyId, by, isSpare: keyId !== firstKey && isSpare(trigger) };
      }),
    ...keyless.map((hook) => {
      const trigger = Number(hook['trigger']);
      return { hookId: String(hook['id']), trigger, keyId: null, by: 'people' as const, isSpare: isSpare(trigger) };
    }),
  ];
}
