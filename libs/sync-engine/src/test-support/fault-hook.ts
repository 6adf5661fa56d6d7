import type { TestScope } from '@relay/testing';

const HOOK = Symbol.for('practice-relay.fault-point');
type Hook = (name: string) => Promise<void> | void;

/** Arms the process's fault points for one test. */
export function onFaultPoint(scope: TestScope, hook: Hook): void {
  const holder = globalThis as unknown as Record<symbol, Hook | undefined>;
  holder[HOOK] = hook;
  scope.onTestFinished(() => {
    holder[HOOK] = undefined;
  });
}

/** Something that waits until it is let go. */
export interface Gate {
  readonly opened: Promise<void>;
  open(): void;
}

export function gate(): Gate {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { opened: promise, open: resolve };
}
