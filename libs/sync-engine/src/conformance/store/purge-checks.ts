import { NEW_LANE } from '../../core/lane-state.js';
import { newCursor } from '../../core/model.js';
import { NOW, equal, only, type StoreCheck } from './store-probe.js';

/** Tenants that are purged. */
export const purgeChecks: StoreCheck[] = [
  {
    name: 'a purge is kept with the place where it stands',
    run: async (probe) => {
      const purge = { tenantId: probe.tenantId, purgedAt: 'then', upTo: null, counts: {} };
      await probe.unit((unit) => unit.writePurge(purge));
      await probe.unit((unit) => unit.writePurge({ ...purge, upTo: NOW, counts: { client: 2 } }));
      equal('purges', await probe.store.purges(probe.shard), [{ ...purge, upTo: NOW, counts: { client: 2 } }]);
      await probe.unit((unit) => unit.removePurge(probe.tenantId));
      equal('purges afterwards', await probe.store.purges(probe.shard), []);
    },
  },
  {
    name: 'records are deleted once their tombstone was seen, and only those up to a version',
    run: async (probe) => {
      const gone = (id: number, version: number) => probe.row(id, { version, deleted: true });
      await probe.put(probe.row(1), gone(2, NOW), gone(3, NOW), gone(4, NOW + 9), gone(5, NOW));
      await probe.seen(probe.ref(2), NOW, 1, true);
      await probe.seen(probe.ref(4), NOW + 9, 2, true);
      await probe.seen(probe.ref(5), NOW - 1, 3);
      await probe.unit(async (unit) => {
        equal(
          'live ones',
          (await unit.liveRows(probe.tenantId, 10)).map((row) => row.recordId),
          ['1'],
        );
        equal('the newest version', await unit.newestVersion(probe.tenantId), NOW + 9);
        equal('of nobody', await unit.newestVersion('provet:nobody:1'), null);
        equal('deleted', await unit.deleteSeen(probe.tenantId, NOW, 10), {
          deleted: 1,
          touched: [{ resource: 'client', partition: 3 }],
        });
      });
      equal('what is left', await probe.store.countLeft(probe.tenantId, NOW), { tombstones: 2, live: 1 });
      equal('a restored tenant', await probe.store.restoredTenants([{ tenantId: probe.tenantId, upTo: NOW }]), [
        probe.tenantId,
      ]);
      const older = [{ tenantId: probe.tenantId, upTo: NOW - 1 }];
      equal('one that is not', await probe.store.restoredTenants(older), []);
    },
  },
  {
    name: 'records of resources that are not read back count as seen when they are acknowledged',
    run: async (probe) => {
      const row = probe.row(1, { resource: 'old' });
      await probe.put(row, probe.row(2));
      const beside = async () =>
        (await probe.store.unseenBeside(probe.tenantId, ['client'], 10)).map((r) => r.recordId);
      equal('unseen', await beside(), ['1']);
      const at = { partition: 1, offset: 5n };
      await probe.unit((unit) => unit.noteAcknowledged({ ...row, version: NOW - 1 }, at));
      equal('another version', await beside(), ['1']);
      await probe.unit((unit) => unit.noteAcknowledged(row, at));
      equal('seen', await beside(), []);
    },
  },
  {
    name: 'nothing that was known of a purged tenant stays beside its records',
    run: async (probe) => {
      const { tenantId } = probe;
      await probe.announce(1);
      await probe.put(probe.row(1));
      await probe.seen(probe.ref(7), NOW, 1);
      await probe.unit(async (unit) => {
        await unit.writeLanes([{ tenantId, state: NEW_LANE }]);
        await unit.writeCursors([{ tenantId, resource: 'client', cursor: newCursor('sweep', 0) }]);
        await unit.addToResources([probe.resource()]);
      });
      await probe.unit((unit) => unit.dropWorkOf(tenantId));
      equal('lanes', await probe.store.lanes(probe.shard), { lanes: [], cursors: [], resources: [] });
      equal('entries and messages', [await probe.waiting(), await probe.store.republish(probe.shard, 9)], [[], []]);
      equal('the record', only(await probe.store.rowsWithBodies([probe.ref(1)])).body, null);
    },
  },
  {
    name: 'markers are due once, after the last purge that asked for them',
    run: async (probe) => {
      const marker = (number: number, dueAt: number) => ({ resource: 'client', partition: 2, number, dueAt });
      await probe.unit((unit) => unit.scheduleMarkers([marker(1, NOW), marker(2, NOW - 5)]));
      const [second, first] = await probe.store.dueMarkers(probe.shard, NOW, 10);
      equal('due', [second, first], [marker(2, NOW - 5), marker(1, NOW)]);
      await probe.unit((unit) => unit.scheduleMarkers([marker(1, NOW + 5), marker(2, NOW - 9)]));
      equal('put off', await probe.store.dueMarkers(probe.shard, NOW, 10), [marker(2, NOW - 5)]);
      await probe.unit(async (unit) => {
        await unit.removeMarker(marker(1, NOW));
        await unit.removeMarker(marker(2, NOW - 5));
      });
      equal('left', await probe.store.dueMarkers(probe.shard, NOW + 9, 10), [marker(1, NOW + 5)]);
    },
  },
];
