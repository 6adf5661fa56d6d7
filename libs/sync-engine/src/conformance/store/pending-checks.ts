import { NOW, equal, only, type StoreCheck } from './store-probe.js';

/** Records that wait to be fetched. */
export const pendingChecks: StoreCheck[] = [
  {
    name: 'an announced record waits, with all that is known of its notices',
    run: async (probe) => {
      const entry = await probe.announce(1, { trigger: 'any', deleteTrigger: true, notices: 3, lastNoticeAt: NOW + 5 });
      equal('the entry', entry, {
        ...probe.ref(1),
        generation: entry.generation,
        cause: 'notice',
        trigger: 'any',
        deleteTrigger: true,
        firstNoticeAt: NOW,
        lastNoticeAt: NOW + 5,
        notices: 3,
        attempts: 0,
        nextAttemptAt: NOW,
        parked: false,
        pass: null,
        runId: null,
        detail: {},
      });
      equal('what waits', await probe.waiting(), [entry]);
      equal('of somebody else', await probe.store.pending(probe.shard, ['provet:nobody:1']), []);
      equal('in another shard', await probe.store.pending(probe.shard + 500, [probe.tenantId]), []);
    },
  },
  {
    name: 'a record announced again gets a new generation, and begins anew',
    run: async (probe) => {
      const raised = await probe.unit(async (unit) =>
        only(
          await unit.raise([
            {
              ...probe.ref(1),
              cause: 'reconcile',
              trigger: null,
              deleteTrigger: false,
              firstNoticeAt: null,
              lastNoticeAt: null,
              notices: 0,
              attempts: 0,
              nextAttemptAt: NOW + 0.2,
              parked: false,
              pass: 'reconcile',
              runId: 'r',
              detail: { listHash: 'l', looks: 2 },
            },
          ]),
        ),
      );
      equal('due', raised.nextAttemptAt, NOW + 1);
      await probe.unit((unit) => unit.delay([{ entry: raised, nextAttemptAt: NOW + 9, attempts: 6, parked: true }]));
      const entry = await probe.announce(1, { firstNoticeAt: NOW - 10, lastNoticeAt: NOW - 5 });
      equal('its generation is newer', entry.generation > raised.generation, true);
      equal('the entry', entry, {
        ...raised,
        generation: entry.generation,
        cause: 'notice',
        trigger: 1,
        firstNoticeAt: NOW - 10,
        lastNoticeAt: NOW - 5,
        notices: 1,
        attempts: 0,
        parked: false,
        nextAttemptAt: NOW,
        detail: { listHash: 'l' },
      });
      const again = await probe.announce(1, { firstNoticeAt: NOW - 20, lastNoticeAt: NOW - 20, deleteTrigger: true });
      equal('first and last', [again.firstNoticeAt, again.lastNoticeAt], [NOW - 10, NOW - 5]);
      equal('notices', [again.notices, again.deleteTrigger], [2, true]);
    },
  },
  {
    name: 'a check raises a record once, and leaves one that waits as it is',
    run: async (probe) => {
      const waiting = await probe.announce(1);
      const one = { ...waiting, cause: 'sweep', pass: 'sweep', runId: 'r', detail: {} } as const;
      const raised = await probe.unit((unit) =>
        unit.raise([one, { ...one, ...probe.ref(2) }, { ...one, ...probe.ref(2) }]),
      );
      equal(
        'raised',
        raised.map((entry) => entry.recordId),
        ['2'],
      );
      const [kept] = (await probe.waiting()).filter((entry) => entry.recordId === '1');
      equal('the one that waits', kept, waiting);
      const { trigger, firstNoticeAt, lastNoticeAt, notices } = only(raised);
      equal('it has no notices', [trigger, firstNoticeAt, lastNoticeAt, notices], [null, null, null, 0]);
    },
  },
  {
    name: 'what was served is removed where its generation is still the one that was read',
    run: async (probe) => {
      const [one, two] = [await probe.announce(1, { notices: 4 }), await probe.announce(2)];
      const newer = await probe.announce(1, { notices: 2 });
      const gone = { ...two, ...probe.ref(3) };
      const change = await probe.unit((unit) => unit.removeServed([{ entry: one }, { entry: two }, { entry: gone }]));
      // One that is not there any more is gone as well: nobody knows whether an earlier try has removed it.
      equal('removed', change.removed, [two, gone]);
      equal('kept', change.kept, [{ ...newer, notices: 2 }]);
      equal('what waits', await probe.waiting(), change.kept);
      const last = await probe.unit((unit) => unit.removeServed([{ entry: { ...newer, generation: 0, notices: 9 } }]));
      equal('at least one notice is left', only(last.kept).notices, 1);
    },
  },
  {
    name: 'what was put off since it was read is not removed: that was an earlier try of the same result',
    run: async (probe) => {
      const entry = await probe.announce(1, { notices: 3 });
      await probe.unit((unit) => unit.delay([{ entry, nextAttemptAt: NOW + 1_000, detail: { looks: 1 } }]));
      const change = await probe.unit((unit) => unit.removeServed([{ entry }]));
      equal('removed', change.removed, []);
      equal('kept', change.kept, [{ ...entry, nextAttemptAt: NOW + 1_000, detail: { looks: 1 } }]);
      equal('what waits', await probe.waiting(), change.kept);
    },
  },
  {
    name: 'entries are put off where nothing newer has come',
    run: async (probe) => {
      const [one, two] = [await probe.announce(1), await probe.announce(2)];
      const newer = await probe.announce(1);
      const delayed = await probe.unit((unit) =>
        unit.delay([
          { entry: one, nextAttemptAt: NOW + 1 },
          { entry: two, nextAttemptAt: NOW + 1.5, attempts: 5, parked: true, detail: { looks: 1 } },
        ]),
      );
      equal('delayed', delayed, [{ ...two, nextAttemptAt: NOW + 2, attempts: 5, parked: true, detail: { looks: 1 } }]);
      const [kept] = (await probe.waiting()).filter((entry) => entry.recordId === '1');
      equal('the newer one', kept, newer);
    },
  },
  {
    name: 'old notices of tenants that nobody knows are forgotten',
    run: async (probe) => {
      await probe.announce(1, { lastNoticeAt: NOW - 10 });
      await probe.announce(2, { lastNoticeAt: NOW });
      equal('of a known tenant', await probe.unit((unit) => unit.forgetNoticesBefore(NOW, [probe.tenantId])), 0);
      equal('of an unknown one', await probe.unit((unit) => unit.forgetNoticesBefore(NOW, [])), 1);
      equal(
        'what is left',
        (await probe.waiting()).map((entry) => entry.recordId),
        ['2'],
      );
    },
  },
  {
    name: 'a tenant without a lane has no work',
    run: async (probe) => {
      await probe.announce(1);
      await probe.unit((unit) => unit.dropLane(probe.tenantId));
      equal('what waits', await probe.waiting(), []);
    },
  },
];
