import { isIP } from 'node:net';

export interface FailureRules {
  /** Failures of one source in one window that are answered like the first. */
  readonly limit: number;
  readonly windowMs: number;
  /** Sources remembered at once; the one remembered longest is forgotten first. */
  readonly sources: number;
}

interface Window {
  readonly endsAt: number;
  failures: number;
}

/** Counts failures by source in windows of time. Pure but for what it remembers; the clock is the caller's. */
export class FailureCounts {
  private readonly windows = new Map<string, Window>();

  constructor(private readonly rules: FailureRules) {}

  /** Notes one more failure. Returns for how long its source is to stay away: 0 while it is below the limit. */
  failed(source: string, now: number): number {
    const found = this.windows.get(source);
    const window = found !== undefined && found.endsAt > now ? found : this.begin(source, now);
    window.failures += 1;
    return window.failures > this.rules.limit ? window.endsAt - now : 0;
  }

  private begin(source: string, now: number): Window {
    // Put at the end again: the order of the map is the order of beginning.
    this.windows.delete(source);
    const [oldest] = this.windows.keys();
    if (oldest !== undefined && this.windows.size >= this.rules.sources) this.windows.delete(oldest);
    const window = { endsAt: now + this.rules.windowMs, failures: 0 };
    this.windows.set(source, window);
    return window;
  }
}

/** What counts as one source: an IPv4 address, or the IPv6 network that one customer is given whole (64 bits). */
export function sourceOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address);
  if (mapped !== null) return mapped[1] as string;
  if (isIP(address) !== 6) return address;
  const [head = '', tail] = address.replace(/%.*$/, '').split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - left.length - right.length);
  const groups = [...left, ...Array<string>(zeros).fill('0'), ...right].slice(0, 4);
  return `${groups.map((group) => Number.parseInt(group, 16).toString(16)).join(':')}::/64`;
}
