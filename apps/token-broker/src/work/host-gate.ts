/**
 * Hosts that have stopped answering. When many credentials fail at once it is the host: one of them asks now and then, the
 * others wait without being counted out, and go on as soon as it answers.
 */
export class HostGate {
  private readonly hosts = new Map<string, HostState>();

  /** `failures`: in a row, over all credentials of a host, before it counts as silent. */
  constructor(private readonly failures: number) {}

  /** Hosts that must not be asked now. */
  silent(now: number): string[] {
    return [...this.hosts].filter(([, state]) => isShut(state, now)).map(([host]) => host);
  }

  /** How long until the next one of them may be asked; null when there is none. */
  nextProbeInMs(now: number): number | null {
    const times = [...this.hosts.values()].flatMap((state) => (isShut(state, now) ? [state.probeAt - now] : []));
    return times.length === 0 ? null : Math.min(...times);
  }

  /** False: not now. True at a silent host: this one asks for all, nobody else until it has ended. */
  mayStart(host: string, now: number): boolean {
    const state = this.hosts.get(host);
    if (state === undefined) return true;
    if (isShut(state, now)) return false;
    if (state.probeAt !== null) this.hosts.set(host, { ...state, probeAt: now + PROBE_EVERY_MS });
    return true;
  }

  /** Notes how it went; null: the host was not asked. Returns true when a silent host has answered. */
  ended(host: string, wasReached: boolean | null, now: number): boolean {
    if (wasReached === null) return false;
    const state = this.hosts.get(host);
    if (wasReached) {
      this.hosts.delete(host);
      return state !== undefined && state.probeAt !== null;
    }
    const failed = (state?.failed ?? 0) + 1;
    const isSilent = failed >= this.failures;
    this.hosts.set(host, { failed, probeAt: isSilent ? Math.max(state?.probeAt ?? 0, now + PROBE_EVERY_MS) : null });
    return false;
  }
}

interface HostState {
  readonly failed: number;
  /** Null: not silent. */
  readonly probeAt: number | null;
}

/** One request in this time is nothing to a host that is coming back, and nobody waits long for its return. */
const PROBE_EVERY_MS = 3000;

function isShut(state: HostState, now: number): state is HostState & { readonly probeAt: number } {
  return state.probeAt !== null && now < state.probeAt;
}
