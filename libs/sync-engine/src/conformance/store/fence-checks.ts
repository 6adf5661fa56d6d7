import { equal, failureOf, isWaiting, only, type StoreCheck } from './store-probe.js';

/** Who may commit. */
export const fenceChecks: StoreCheck[] = [
  {
    name: 'a take raises the epoch, and an older owner commits nothing',
    run: async (probe) => {
      const { store, shard, epoch } = probe;
      const next = await store.take(shard, 'another');
      equal('the next epoch is higher', next > epoch, true);
      equal('the present epoch', await store.currentEpoch(shard), next);
      const error = await failureOf(
        'a commit of the older owner',
        probe.unit((unit) => unit.writeNoticePosition(9n)),
      );
      equal('it is fenced out', [store.isFenced(error), store.isTransient(error)], [true, false]);
      equal('the position', await store.noticePosition(shard), 0n);
    },
  },
  {
    name: 'nobody has taken an unknown shard',
    run: async ({ store }) => equal('its epoch', await store.currentEpoch(31_999), 0),
  },
  {
    name: 'a unit that throws leaves nothing behind',
    run: async (probe) => {
      const error = new Error('changed its mind');
      const failed = probe.unit(async (unit) => {
        await unit.writeRecords([probe.write(probe.row(1))]);
        await unit.announce([probe.notice(1)], 0);
        throw error;
      });
      equal('its error', await failureOf('the unit', failed), error);
      equal('rows', await probe.store.mirrorRows([probe.ref(1)]), []);
      equal('entries', await probe.waiting(), []);
    },
  },
  {
    name: 'a unit sees what it has written, and nobody else does before its commit',
    run: async (probe) => {
      const row = probe.row(1);
      await probe.unit(async (unit) => {
        await unit.writeRecords([probe.write(row, '{"id":1}')]);
        equal('its own row', await unit.mirrorRows([row]), [row]);
        equal('its own text', only(await unit.bodies([row])).body, '{"id":1}');
        equal('rows for others', await probe.store.mirrorRows([row]), []);
      });
      equal('rows afterwards', await probe.store.mirrorRows([row]), [row]);
    },
  },
  {
    name: 'a unit sees what others have committed since it began',
    run: async (probe) => {
      const row = probe.row(1);
      await probe.unit(async (unit) => {
        equal('rows at first', await unit.mirrorRows([row]), []);
        await probe.put(row);
        equal('rows afterwards', await unit.mirrorRows([row]), [row]);
      });
    },
  },
  {
    name: 'a take waits for the units that are open, and fences those that come later',
    run: async (probe) => {
      const { store, shard } = probe;
      const { promise: gate, resolve: open } = Promise.withResolvers<void>();
      const unit = probe.unit(async (one) => {
        await one.writeNoticePosition(5n);
        await gate;
      });
      await isWaiting(unit);
      const take = store.take(shard, 'another');
      equal('the take waits', await isWaiting(take), true);
      open();
      await unit;
      await take;
      equal('what the older owner had begun is committed', await store.noticePosition(shard), 5n);
      const late = await failureOf(
        'a later commit',
        probe.unit((one) => one.writeNoticePosition(6n)),
      );
      equal('it is fenced out', store.isFenced(late), true);
    },
  },
  {
    name: 'who writes a row waits for the unit that has written it, and is judged after it',
    run: async (probe) => {
      const { promise: gate, resolve: open } = Promise.withResolvers<void>();
      const first = probe.unit(async (unit) => {
        await unit.announce([probe.notice(1)], 0);
        await unit.addToResources([probe.resource({}, { notices: 1 })]);
        await gate;
      });
      await isWaiting(first);
      const second = probe.unit(async (unit) => {
        const entries = await unit.announce([probe.notice(1)], 0);
        await unit.addToResources([probe.resource({}, { notices: 1 })]);
        return entries;
      });
      equal('the second waits', await isWaiting(second), true);
      open();
      await first;
      equal('notices after both', only(await second).notices, 2);
      const { resources } = await probe.store.lanes(probe.shard);
      equal('counters after both', only(resources).counters.notices, 2);
    },
  },
  {
    name: 'what was announced while a unit read is not served by it',
    run: async (probe) => {
      const before = await probe.announce(1);
      await probe.unit(async (unit) => {
        await unit.mirrorRows([before]);
        await probe.announce(1);
        const { removed, kept } = await unit.removeServed([{ entry: before }]);
        equal('removed', removed, []);
        equal('notices that are left', only(kept).notices, 1);
      });
      equal('entries', (await probe.waiting()).length, 1);
    },
  },
];
