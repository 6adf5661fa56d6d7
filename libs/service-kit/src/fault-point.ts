const HOOK = Symbol.for('practice-relay.fault-point');

type FaultHook = (name: string) => Promise<void>;

/**
 * A named place where tests may stop, delay or kill the process. Does nothing unless the process was started with
 * `--import` of tools/faults, which sets the hook.
 */
export function faultPoint(name: string): Promise<void> | void {
  const hook = (globalThis as { [HOOK]?: FaultHook })[HOOK];
  if (hook) return hook(name);
}
