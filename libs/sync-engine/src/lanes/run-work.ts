import { readFamily } from '../passes/read-family.js';
import { askWhetherPermitted, mustAskFirst } from '../passes/ask-whether-permitted.js';
import { completePasses, readPage } from '../passes/read-page.js';
import { probeTenant } from '../records/confirm-list.js';
import { concludeAsked } from '../requests/conclude-asked.js';
import { fetchRecord } from '../records/fetch-record.js';
import type { LaneRunner } from './lane.js';
import { asReadNow, isListOnly, leaveToList } from './list-form.js';
import { isStaged } from './reading-places.js';
import { prepareTenant } from './prepare-tenant.js';

/** Does one piece of a lane's work. */
export const runWork: LaneRunner = async (lane, work, slot, probing) => {
  switch (work.kind) {
    case 'fetch': {
      const { family } = work.entry.detail;
      if (family !== undefined) return readFamily(lane, { ...work, family }, slot, probing);
      const result = isListOnly(lane, work.spec)
        ? await leaveToList(lane, work)
        : await fetchRecord(lane, work, slot, probing);
      await concludeAsked(lane, work.entry, result);
      if (isStaged(lane.facts(work.spec.name))) lane.process.places.worked(lane.tenantId);
      if (work.entry.pass !== null) await completePasses(lane, work.spec);
      return;
    }
    case 'page':
      if (mustAskFirst(lane, work)) return askWhetherPermitted(lane, work, slot, probing);
      return readPage(lane, asReadNow(lane, work), slot, probing);
    case 'prepare':
      return prepareTenant(lane, slot, probing);
    case 'probe':
      return probeTenant(lane, slot);
    default:
      work satisfies never;
  }
};
