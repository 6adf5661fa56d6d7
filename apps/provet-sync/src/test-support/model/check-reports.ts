import type { Evidence, Report, VendorState, Violation } from './evidence.js';
import { nameOf } from './evidence.js';

/**
 * Completeness: what a report names was true of the vendor at some moment of its reading, and the last one, which was made
 * long after everything was quiet, names nothing and has counted everything.
 */
export function checkReports(evidence: Evidence): Violation[] {
  const found: Violation[] = [];
  const last = new Map<string, Report>();
  for (const report of evidence.reports) {
    last.set(`${report.tenantId}\0${report.resource}`, report);
    found.push(...invented(report, evidence));
  }
  for (const { tenantId, resource } of evidence.told) {
    const report = last.get(`${tenantId}\0${resource}`);
    if (report === undefined) found.push(`report: there is none of ${tenantId} ${resource}`);
    else found.push(...unequal(report, evidence));
  }
  return found;
}

/** What the vendor never showed while the reading went on. */
function invented(report: Report, { history }: Evidence): Violation[] {
  const { tenantId, resource } = report;
  const wrong = (kind: 'missingHere' | 'missingThere' | 'differing', fits: (texts: (string | null)[]) => boolean) =>
    report[kind]
      .filter((id) => !fits(shownDuring(report, history.get(nameOf(tenantId, resource, id)) ?? [])))
      .map(
        (id) => `report: ${tenantId} ${resource} ${id} is named as ${kind} at ${report.checkedAt}, which it was not`,
      );
  return [
    ...wrong('missingThere', (texts) => texts.includes(null)),
    ...wrong('missingHere', (texts) => texts.some((text) => text !== null)),
    ...wrong('differing', (texts) => texts.some((text) => text !== null)),
  ];
}

/** What readers could see of a record during a reading; null: nothing. */
function shownDuring({ startedAt, checkedAt }: Report, states: readonly VendorState[]): (string | null)[] {
  const texts: (string | null)[] = [];
  states.forEach(({ visibleAt, text }, index) => {
    const until = states[index + 1]?.visibleAt ?? Infinity;
    if (visibleAt <= checkedAt && until >= startedAt) texts.push(text);
  });
  if ((states[0]?.visibleAt ?? Infinity) > startedAt) texts.push(null);
  return texts;
}

function unequal(report: Report, { history }: Evidence): Violation[] {
  const { tenantId, resource, atVendor, here, unsettled } = report;
  const say = (what: string): Violation => `report: ${tenantId} ${resource} ${what} in the end`;
  const prefix = `${tenantId}\0${resource}\0`;
  const states = [...history].filter(([record]) => record.startsWith(prefix)).map(([, of]) => of.at(-1)?.text ?? null);
  const truth = states.filter((text) => text !== null).length;
  const named = [...report.missingHere, ...report.missingThere, ...report.differing];
  if (named.length > 0) return [say(`names ${named.join(', ')}`)];
  if (atVendor.count !== here.count || atVendor.digest !== here.digest) return [say('has two digests')];
  return atVendor.count + unsettled === truth ? [] : [say(`has counted ${atVendor.count + unsettled} of ${truth}`)];
}
