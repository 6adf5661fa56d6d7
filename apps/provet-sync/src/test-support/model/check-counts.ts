import type { Evidence, Told, Violation } from './evidence.js';

const BY_TRIGGER = ['notices', 'duplicates', 'late', 'missed'] as const;

/**
 * What is counted by trigger adds up to what is counted of the resource. Every notice is counted once, whatever became of the
 * transaction that took it in; a restored database has forgotten some.
 */
export function checkCounts({ told, notices, restoredAt }: Evidence): Violation[] {
  return told.flatMap((one) => [...sumsOf(one), ...(restoredAt === null ? noticesOf(one, notices) : [])]);
}

function sumsOf({ tenantId, resource, counters, triggers }: Told): Violation[] {
  return BY_TRIGGER.flatMap((name) => {
    const sum = Object.values(triggers).reduce((total, counts) => total + counts[name], 0);
    return sum === counters[name] ? [] : [`triggers: ${tenantId} ${resource} ${name} ${sum}, not ${counters[name]}`];
  });
}

function noticesOf({ tenantId, resource, counters }: Told, notices: Evidence['notices']): Violation[] {
  const came = notices.filter(({ record }) => record.startsWith(`${tenantId}\0${resource}\0`)).length;
  return counters.notices === came ? [] : [`notices: ${tenantId} ${resource} counts ${counters.notices}, ${came} came`];
}
