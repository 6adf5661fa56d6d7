import { NEW_LANE } from '../../core/lane-state.js';
import { NEW_FACTS, newCursor } from '../../core/model.js';
import { equal, only, type StoreCheck } from './store-probe.js';

/** How far a shard's lanes are. */
export const progressChecks: StoreCheck[] = [
  {
    name: 'counters are added, facts replaced when they are given',
    run: async (probe) => {
      const facts = { ...NEW_FACTS, liveAt: 5 };
      await probe.unit((unit) => unit.addToResources([probe.resource({ records: 3, facts }, { missed: 2 })]));
      await probe.unit((unit) =>
        unit.addToResources([
          probe.resource({ records: -1, noticesDelivered: true }, { missed: -1, healed: 1 }),
          probe.resource({ resource: 'patient' }),
        ]),
      );
      await probe.unit((unit) => unit.addToResources([probe.resource({}, { late: 1 })]));
      const { resources } = await probe.store.lanes(probe.shard, probe.tenantId);
      const [client] = resources.filter((row) => row.resource === 'client');
      const { missed, healed, late } = client?.counters ?? {};
      equal('counters', [missed, healed, late, client?.records], [1, 1, 1, 2]);
      equal('facts and notices', [client?.facts, client?.noticesDelivered], [facts, true]);
      equal('resources', resources.length, 2);
    },
  },
  {
    name: 'what is counted by trigger is added, and gone with the work of a tenant',
    run: async (probe) => {
      const none = { notices: 0, duplicates: 0, late: 0, missed: 0 };
      const one = { 1: { ...none, notices: 2 }, any: { ...none, missed: 1 } };
      const other = { 1: { ...none, duplicates: 1 }, any: { ...none, late: 1, missed: -1 } };
      await probe.unit((unit) => unit.addToResources([probe.resource({ triggers: one })]));
      await probe.unit((unit) =>
        unit.addToResources([probe.resource({ triggers: other }), probe.resource({ resource: 'patient' })]),
      );
      const counts = async () => {
        const { resources } = await probe.store.lanes(probe.shard);
        return Object.fromEntries(resources.map(({ resource, triggers }) => [resource, triggers]));
      };
      const sums = { 1: { ...none, notices: 2, duplicates: 1 }, any: { ...none, late: 1 } };
      equal('by trigger', await counts(), { client: sums, patient: {} });
      await probe.unit((unit) => unit.dropWorkOf(probe.tenantId));
      await probe.unit((unit) => unit.addToResources([probe.resource()]));
      equal('afterwards', await counts(), { client: {} });
    },
  },
  {
    name: 'the position of notices never goes back, and says where it stood',
    run: async (probe) => {
      equal('at first', await probe.store.noticePosition(probe.shard), 0n);
      const stood: bigint[] = [];
      for (const at of [12n, 9n, 14n]) stood.push(await probe.unit((unit) => unit.writeNoticePosition(at)));
      equal('before each', stood, [0n, 12n, 12n]);
      equal('afterwards', await probe.store.noticePosition(probe.shard), 14n);
    },
  },
  {
    name: 'lanes and cursors come back as they were written last',
    run: async (probe) => {
      const { tenantId } = probe;
      const lane = { tenantId, state: { ...NEW_LANE, preparedVersion: 4, noticesFor: ['client'] } };
      const cursor = { ...newCursor('near', 7), running: true, met: ['1', '2'], moved: [['3', 9]] as const };
      await probe.unit(async (unit) => {
        await unit.writeLanes([{ tenantId, state: NEW_LANE }]);
        await unit.writeCursors([{ tenantId, resource: 'client', cursor: newCursor('near', 0) }]);
      });
      await probe.unit(async (unit) => {
        await unit.writeLanes([lane]);
        await unit.writeCursors([
          { tenantId, resource: 'client', cursor },
          { tenantId, resource: 'client', cursor: newCursor('far', 1) },
        ]);
      });
      const loaded = await probe.store.lanes(probe.shard);
      equal('lanes', loaded.lanes, [lane]);
      const [near] = loaded.cursors.filter((one) => one.cursor.pass === 'near');
      equal('the cursor', near, { tenantId, resource: 'client', cursor });
      equal('cursors', loaded.cursors.length, 2);
      equal('of somebody else', (await probe.store.lanes(probe.shard, 'provet:nobody:1')).cursors, []);
      await probe.unit((unit) => unit.dropLane(tenantId));
      equal('lanes of a tenant that has none', (await probe.store.lanes(probe.shard)).lanes, []);
    },
  },
  {
    name: 'records keep their text until they are deleted',
    run: async (probe) => {
      const row = probe.row(1, {
        changedFields: ['/a'],
        previous: '{"/a":1.0}',
        omitted: { bytes: 1, sha256: 'x', url: 'u' },
      });
      await probe.put(row);
      equal('the row', only(await probe.store.mirrorRows([row, probe.ref(2)])), row);
      const newer = { ...row, version: row.version + 1 };
      await probe.unit((unit) => unit.writeRecords([{ row: newer, body: { kind: 'keep' }, publish: false }]));
      equal('with its text', await probe.store.rowsWithBodies([row]), [{ row: newer, body: '{"id":1}' }]);
      await probe.put({ ...newer, deleted: true });
      equal('without it', only(await probe.store.rowsWithBodies([row])).body, null);
    },
  },
  {
    name: 'live records are found by when they were read, and by the order of their numbers',
    run: async (probe) => {
      await probe.put(
        ...[2, 9, 10, 11].map((id) => probe.row(id)),
        probe.row('x'),
        probe.row(12, { readSeq: 50n }),
        probe.row(13, { deleted: true }),
        probe.row(5, { resource: 'patient' }),
      );
      const at = { tenantId: probe.tenantId, resource: 'client', readBefore: 50n };
      const sorted = async (ids: Promise<string[]>) => (await ids).sort();
      equal('all', await sorted(probe.store.liveIds(at)), ['10', '11', '2', '9', 'x']);
      equal('between', await sorted(probe.store.liveIdsBetween(at, '2', '10')), ['10', '9']);
      equal('above', await sorted(probe.store.liveIdsBetween(at, '9', null)), ['10', '11']);
    },
  },
  {
    name: 'parts are found by their whole, wherever it is by now',
    run: async (probe) => {
      const part = (id: number, over: Parameters<typeof probe.row>[1] = {}) =>
        probe.row(id, { resource: 'orderitem', whole: '7', ...over });
      await probe.put(
        part(1),
        part(2),
        part(3, { whole: '8' }),
        part(4, { whole: null }),
        part(5, { readSeq: 50n }),
        part(6, { resource: 'estimateitem' }),
        part(9, { deleted: true }),
      );
      const at = { tenantId: probe.tenantId, resource: 'orderitem', readBefore: 50n };
      const of = async (whole: string) => (await probe.store.liveIdsOfWhole(at, whole)).sort();
      equal('of one', await of('7'), ['1', '2']);
      await probe.put(part(2, { whole: '8', version: probe.row(2).version + 1 }));
      equal('of the one that a part has left', await of('7'), ['1']);
      equal('of the one that it has come to', await of('8'), ['2', '3']);
      equal('the row keeps it', only(await probe.store.mirrorRows([part(3)])).whole, '8');
    },
  },
];
