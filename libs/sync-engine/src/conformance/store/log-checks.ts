import type { RepublishRow } from '../../ports/stored-rows.js';
import { NOW, equal, only, type StoreCheck, type StoreProbe } from './store-probe.js';

const wrong = async (probe: StoreProbe): Promise<Pick<RepublishRow, 'recordId' | 'reason' | 'seenVersion'>[]> =>
  (await probe.store.republish(probe.shard, 10)).map(({ recordId, reason, seenVersion }) => ({
    recordId,
    reason,
    seenVersion,
  }));

/** The mirror as the outbox of the log. */
export const logChecks: StoreCheck[] = [
  {
    name: 'a version is unseen until it is met in the log, and a newer one is again',
    run: async (probe) => {
      const row = probe.row(1);
      await probe.put(row);
      equal('before', await probe.unseen(row), true);
      await probe.seen(row, NOW, 4);
      equal('after', await probe.unseen(row), false);
      await probe.put({ ...row, version: NOW + 1 });
      equal('the next one', await probe.unseen(row), true);
      equal('one that is not there', await probe.unseen(probe.ref(2)), false);
      equal('nothing is wrong', await wrong(probe), []);
    },
  },
  {
    name: 'the offset behind the records of a resource is told once all of them were met, but for those that are new',
    run: async (probe) => {
      const offsets = async () => {
        const found = await probe.store.logOffsets(probe.tenantId, 'client');
        return found === null ? null : [...found];
      };
      equal('nothing there', await offsets(), []);
      const first = probe.row(1, { change: 'snapshot' });
      const changed = probe.row(2, { change: 'updated', previousVersion: NOW - 1 });
      await probe.put(first, changed, probe.row(3, { change: 'created' }), {
        ...probe.row(4),
        ...probe.ref(4, 'patient'),
      });
      equal('none met', await offsets(), null);
      await probe.seen(first, NOW, 9);
      equal('one met', await offsets(), null);
      await probe.seen(changed, NOW - 1, 4);
      equal('all met, in whatever version', await offsets(), [[3, 10n]]);
    },
  },
  {
    name: 'an older place in the log never replaces a newer one',
    run: async (probe) => {
      const row = probe.row(1, { version: NOW + 1 });
      await probe.put(row);
      await probe.seen(row, NOW + 1, 9);
      await probe.seen(row, NOW, 4);
      await probe.seen(row, NOW, 9);
      equal('unseen', await probe.unseen(row), false);
      equal('nothing is wrong', await wrong(probe), []);
    },
  },
  {
    name: 'an older version after a newer one, a newer one than the row, and an unknown record are left for the owner',
    run: async (probe) => {
      const row = (id: number) => probe.row(id, { version: NOW + 5 });
      await probe.put(row(1), row(2), row(3));
      await probe.seen(row(1), NOW + 5, 1);
      await probe.seen(row(1), NOW, 2);
      await probe.seen(row(2), NOW, 3);
      await probe.seen(row(3), NOW + 9, 4);
      await probe.seen(probe.ref(4), NOW, 5);
      await probe.seen(probe.ref(5), NOW, 6, true);
      equal('in the order in which they were noted', await wrong(probe), [
        { recordId: '1', reason: 'older-last', seenVersion: NOW },
        { recordId: '3', reason: 'log-ahead', seenVersion: NOW + 9 },
        { recordId: '4', reason: 'unknown', seenVersion: NOW },
      ]);
      equal('one at most', (await probe.store.republish(probe.shard, 1)).length, 1);
      equal('the late one is unseen', await probe.unseen(row(1)), true);
      await probe.seen(probe.ref(4), NOW - 3, 7);
      const [, , unknown] = await wrong(probe);
      equal('the highest version counts', unknown?.seenVersion, NOW);
    },
  },
  {
    name: 'of a batch each record is judged by itself: its own version, an older one, one that is ahead, one nobody knows',
    run: async (probe) => {
      const row = (id: number) => probe.row(id, { version: NOW + 5 });
      await probe.put(row(1), row(2), row(3));
      await probe.seen(row(2), NOW + 5, 1);
      const versions = [NOW + 5, NOW, NOW + 9, NOW];
      const batch = versions.map((version, at) => {
        const { tenantId, resource, recordId } = probe.ref(at === 3 ? 9 : at + 1);
        return { tenantId, resource, recordId, version, partition: 3, offset: BigInt(10 + at), tombstone: false };
      });
      await probe.store.noteSeenRecords(batch, () => probe.shard);
      const reasons = Object.fromEntries((await wrong(probe)).map(({ recordId, reason }) => [recordId, reason]));
      equal('what is wrong', reasons, { 2: 'older-last', 3: 'log-ahead', 9: 'unknown' });
      equal('its own', await probe.unseen(row(1)), false);
      equal('overwritten', await probe.unseen(row(2)), true);
      await probe.store.noteSeenRecords(batch.slice(0, 1), () => probe.shard);
      equal('once more', (await wrong(probe)).length, 3);
    },
  },
  {
    name: 'what was done about a wrong message is removed, unless it has become worse meanwhile',
    run: async (probe) => {
      await probe.seen(probe.ref(1), NOW, 1);
      const before = only(await probe.store.republish(probe.shard, 10));
      await probe.seen(probe.ref(1), NOW + 1, 2);
      await probe.unit((unit) => unit.removeRepublish(before));
      const after = only(await probe.store.republish(probe.shard, 10));
      equal('the newer one stays', after.seenVersion, NOW + 1);
      await probe.unit((unit) => unit.removeRepublish(after));
      equal('nothing is left', await wrong(probe), []);
    },
  },
  {
    name: 'a record is lifted above what the log holds, known or not, and never lowered',
    run: async (probe) => {
      const deleted = probe.row(1, { version: NOW, deleted: true });
      const higher = probe.row(2, { version: NOW + 50 });
      await probe.put(deleted, higher);
      const about = { reason: 'log-ahead', seenVersion: NOW + 9 } as const;
      await probe.unit(async (unit) => {
        for (const id of [1, 2, 3]) await unit.liftAbove({ ...probe.ref(id), ...about }, 'https://v/', NOW);
      });
      const rows = await probe.store.mirrorRows([probe.ref(1), probe.ref(2), probe.ref(3)]);
      const [one, two, three] = ['1', '2', '3'].map((id) => rows.find((row) => row.recordId === id));
      equal('known', one, { ...deleted, version: NOW + 9, deleted: false, hash: '', listHash: null });
      equal('higher', two, higher);
      const at = new Date(NOW).toISOString();
      equal('unknown', three, {
        ...probe.row(3, {
          version: NOW + 9,
          hash: '',
          modifiedAt: null,
          readSeq: 0n,
          readAt: null,
          change: 'updated',
          source: 'https://v/',
        }),
        lineage: { cause: 'sweep', trigger: null, noticedAt: null, fetchedAt: at, committedAt: at, runId: 'read-back' },
      });
      equal('a lifted one counts as seen', await probe.unseen(probe.ref(3)), false);
    },
  },
  {
    name: 'unseen records of a shard come in pages, in the order of their keys',
    run: async (probe) => {
      await probe.put(...[1, 2, 3, 4, 5].map((id) => probe.row(id)));
      await probe.seen(probe.ref(2), NOW, 1);
      const idsOf = async (limit: number, after: number | null) => {
        const page = await probe.store.unconfirmedRecords(probe.shard, limit, after === null ? null : probe.ref(after));
        return page.map(({ row }) => row.recordId);
      };
      equal('the first page', await idsOf(2, null), ['1', '3']);
      equal('the next', await idsOf(2, 3), ['4', '5']);
      equal('the last', await idsOf(2, 5), []);
      equal('with text', (await probe.store.unconfirmedRecords(probe.shard, 1, null))[0]?.body, '{"id":1}');
    },
  },
];
