import { NOW, equal, only, type StoreCheck, type StoreProbe } from './store-probe.js';
import type { Raised } from '../../core/effects.js';

const question = { requestId: 'q-1', kind: 'verify', at: NOW } as const;

function asked(probe: StoreProbe, recordId: number): Raised {
  const none = { trigger: null, deleteTrigger: false, firstNoticeAt: null, lastNoticeAt: null, notices: 0 };
  const own = { cause: 'reconcile', attempts: 0, nextAttemptAt: NOW + 0.5, parked: false, pass: null } as const;
  return { ...probe.ref(recordId), ...none, ...own, runId: null, detail: { asked: question } };
}

/** What operators ask for. */
export const requestChecks: StoreCheck[] = [
  {
    name: 'a record that is asked for waits, once',
    run: async (probe) => {
      const entries = await probe.unit((unit) => unit.ask([asked(probe, 1), asked(probe, 1)]));
      const entry = only(entries);
      equal('the entry', entry, { ...asked(probe, 1), generation: entry.generation, nextAttemptAt: NOW + 1 });
      equal('what waits', await probe.waiting(), [entry]);
    },
  },
  {
    name: 'one that waits already becomes due, under a new generation, with its notices and what is known of it',
    run: async (probe) => {
      const waiting = await probe.announce(1, { notices: 3 });
      const detail = { looks: 1, absentAt: NOW - 5, held: true };
      await probe.unit((unit) =>
        unit.delay([{ entry: waiting, nextAttemptAt: NOW + 9000, attempts: 6, parked: true, detail }]),
      );
      const entry = only(await probe.unit((unit) => unit.ask([asked(probe, 1)])));
      equal('its generation is newer', entry.generation > waiting.generation, true);
      const kept = { ...waiting, generation: entry.generation, nextAttemptAt: NOW + 1 };
      equal('the entry', entry, { ...kept, attempts: 0, parked: false, detail: { ...detail, asked: question } });
    },
  },
  {
    name: 'what is wanted again begins anew, whatever was being read of it',
    run: async (probe) => {
      const begun = { wholeId: '7', gone: false, position: null, seq: null, met: [] };
      const wanted = { ...asked(probe, 1), detail: { family: begun } };
      const entry = only(await probe.unit((unit) => unit.ask([wanted])));
      const detail = { family: { ...begun, position: '50', seq: '9', met: ['49', '50'] } };
      await probe.unit((unit) => unit.delay([{ entry, nextAttemptAt: NOW, detail }]));
      const again = only(await probe.unit((unit) => unit.ask([wanted])));
      equal('from the beginning', again.detail, { family: begun });
      const late = await probe.unit((unit) => unit.delay([{ entry, nextAttemptAt: NOW, detail }]));
      equal('the page that was on its way', late, []);
      await probe.unit((unit) => unit.removeServed([{ entry }]));
      equal(
        'its end',
        (await probe.waiting()).map(({ generation }) => generation),
        [again.generation],
      );
    },
  },
  {
    name: 'a notice leaves the question in place',
    run: async (probe) => {
      await probe.unit((unit) => unit.ask([asked(probe, 1)]));
      equal('the detail', (await probe.announce(1)).detail, { asked: question });
    },
  },
  {
    name: 'a record is found with its place in the log',
    run: async (probe) => {
      equal('before', await probe.store.located(probe.ref(1)), null);
      const row = probe.row(1);
      await probe.put(row);
      equal('not seen yet', await probe.store.located(row), { row, log: null });
      await probe.seen(row, row.version, 17);
      equal('seen', await probe.store.located(row), {
        row,
        log: { version: row.version, partition: 3, offset: 17n },
      });
    },
  },
  {
    name: 'records are found by resource, time and place, a page at a time',
    run: async (probe) => {
      const invoice = { ...probe.row(1), ...probe.ref(1, 'invoice'), modifiedAt: null, version: NOW + 5 };
      const gone = probe.row(3, { deleted: true, modifiedAt: null, version: NOW + 1 });
      await probe.put(probe.row(1), probe.row(2, { modifiedAt: NOW + 10 }), gone, invoice);
      const all = { tenantId: probe.tenantId, resources: ['client', 'invoice'], from: null, to: null };
      const ids = async (
        over: object,
        after: { resource: string; recordId: string } | null = null,
        limit = 9,
      ): Promise<string[]> => {
        const found = await probe.store.recordsOf({ ...all, withDeleted: false, ...over }, after, limit);
        return found.map((ref) => `${ref.resource}/${ref.recordId}`);
      };
      equal('all', await ids({}), ['client/1', 'client/2', 'invoice/1']);
      equal('with deleted', await ids({ withDeleted: true }), ['client/1', 'client/2', 'client/3', 'invoice/1']);
      equal('of one resource', await ids({ resources: ['invoice'] }), ['invoice/1']);
      equal('from', await ids({ from: NOW + 5 }), ['client/2', 'invoice/1']);
      equal('to', await ids({ to: NOW + 5 }), ['client/1']);
      equal('a page', await ids({}, { resource: 'client', recordId: '1' }, 1), ['client/2']);
    },
  },
  {
    name: 'a request is kept until it is finished, and leaves with its tenant',
    run: async (probe) => {
      const { tenantId } = probe;
      const span = { recordIds: null, from: null, to: NOW, at: NOW, after: null, asked: 0, walked: false };
      const state = { kind: 'resync', resources: ['client'], ...span } as const;
      const row = { tenantId, requestId: 'q-1', state };
      const later = { ...row, state: { ...state, after: { resource: 'client', recordId: '7' }, asked: 3 } };
      await probe.unit((unit) => unit.writeRequest(row));
      await probe.unit((unit) => unit.writeRequest(later));
      await probe.unit((unit) => unit.writeRequest({ ...row, requestId: 'q-2' }));
      equal('both', await probe.store.requests(probe.shard), [later, { ...row, requestId: 'q-2' }]);
      equal('of another shard', await probe.store.requests(probe.shard + 500), []);
      await probe.unit((unit) => unit.removeRequest(row));
      equal('one', await probe.store.requests(probe.shard), [{ ...row, requestId: 'q-2' }]);
      await probe.unit((unit) => unit.dropWorkOf(tenantId));
      equal('none', await probe.store.requests(probe.shard), []);
    },
  },
];
