import type { WorkClass } from '../ports/connector.js';

/** Most urgent first. */
export const WORK_CLASSES: readonly WorkClass[] = ['live', 'command', 'reconcile', 'backfill', 'sweep'];

/**
 * What each class of work is sure of while all of them have something to do: of a tenant's calls, and of each of its budgets.
 * What one does not use flows to the others, live work first. A storm of notices leaves a checking tenant nearly half, since
 * only checks find what the storm itself has lost; a sweep is the longest work and the least urgent.
 */
export const WORK_SHARES: Readonly<Record<WorkClass, number>> = {
  live: 0.55,
  command: 0.15,
  reconcile: 0.15,
  backfill: 0.1,
  sweep: 0.05,
};
