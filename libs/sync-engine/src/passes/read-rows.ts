import { readRow, type ReadRow } from '../core/plan-page.js';
import type { Lane } from '../lanes/lane.js';
import type { PageRow } from '../ports/call-outcomes.js';
import type { ResourceSpec } from '../ports/connector.js';

/** One bad row must not hide the others: it is left out and told of. */
export function readRows(lane: Lane, spec: ResourceSpec, page: readonly PageRow[]): ReadRow[] {
  const rows = new Map<string, ReadRow>();
  for (const row of page) {
    try {
      rows.set(row.recordId, readRow(lane.tenantId, row, spec));
    } catch {
      lane.process.log.warn({ tenantId: lane.tenantId, resource: spec.name }, 'a row of a page is not JSON');
    }
  }
  return [...rows.values()];
}
