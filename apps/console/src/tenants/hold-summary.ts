import type { RegistryHold } from './registry-client.js';

/** A hold as the page shows it. All texts come from outside. */
export interface HoldSummary {
  readonly holdId: string;
  readonly kind: string;
  /** The practice, or the environment, that it is about. */
  readonly subject: string | null;
  readonly raisedAt: string;
  /** What it is about: the members that the page has words for. Nothing else of it leaves this process. */
  readonly facts: Readonly<Record<string, string | number>>;
}

/** What each kind tells the page of its detail. A kind that is not known here is shown by its name alone. */
const TOLD: Readonly<Record<string, readonly string[]>> = {
  'mass-loss': ['limit', 'listed', 'observedAt'],
  'host-not-allowed': ['host', 'expiresAt'],
  uninstalled: ['invalidSince'],
  deletions: ['resource', 'count', 'since'],
};

export function holdSummary({ holdId, kind, tenantId, environment, detail, raisedAt }: RegistryHold): HoldSummary {
  const facts: Record<string, string | number> = {};
  for (const member of TOLD[kind] ?? []) {
    const value = detail[member];
    if (typeof value === 'string' || typeof value === 'number') facts[member] = value;
  }
  const lost = detail['lost'];
  if (kind === 'mass-loss' && Array.isArray(lost)) facts['lost'] = lost.length;
  return { holdId, kind, subject: tenantId ?? environment, raisedAt, facts };
}
