import type { StateMessage } from '@relay/state-topic';
import { NOW, equal, type StoreCheck, type StoreProbe } from './store-probe.js';

const put = (probe: StoreProbe, name: string, version: number, over: { value?: null; expected?: number | null } = {}) =>
  probe.unit((unit) =>
    unit.statuses.put({
      rowKey: `${probe.tenantId}/${name}`,
      partitionKey: probe.tenantId,
      version,
      value: over.value === null ? null : { version },
      ...('expected' in over ? { expected: over.expected } : {}),
    }),
  );

const versionsOf = (messages: readonly StateMessage[]): number[] => messages.map(({ version }) => version);

/** Rows of the control topics that the engine writes. */
export const versionChecks: StoreCheck[] = [
  {
    name: 'a versioned row only rises, or is set where it is as expected',
    run: async (probe) => {
      const rowKey = `${probe.tenantId}/client`;
      const first = await put(probe, 'client', NOW);
      const { partition = -1, ...message } = first?.message ?? { topic: '', key: '', value: null };
      equal('where it goes', partition, first?.shard);
      equal('the message', message, {
        topic: 'sync-status.v1',
        key: rowKey,
        value: `{"version":${NOW}}`,
        headers: { 'relay-version': String(NOW), 'content-type': 'application/json' },
      });
      equal('the same version', await put(probe, 'client', NOW), null);
      equal('one that must not exist', await put(probe, 'client', NOW + 1, { expected: null }), null);
      equal('another than expected', await put(probe, 'client', NOW + 1, { expected: NOW - 1 }), null);
      equal('as expected', (await put(probe, 'client', NOW + 1, { expected: NOW }))?.version, NOW + 1);
      await probe.unit(async (unit) => {
        equal('the row', await unit.statuses.get(rowKey), { version: NOW + 1, value: { version: NOW + 1 } });
        equal('the other table', await unit.farewells.get(rowKey), null);
        equal('keys', await unit.statuses.keysOf(probe.tenantId), [rowKey]);
      });
      await put(probe, 'client', NOW + 2, { value: null });
      equal('keys of tombstones', await probe.unit((unit) => unit.statuses.keysOf(probe.tenantId)), []);
    },
  },
  {
    name: 'versioned rows are unseen until the log has them, and go above what it has more',
    run: async (probe) => {
      const { statuses } = probe.store;
      const keys = ['a', 'b'].map((name) => `${probe.tenantId}/${name}`) as [string, string];
      const [a, b] = keys;
      const first = await put(probe, 'a', NOW);
      await put(probe, 'b', NOW);
      const shard = first?.shard ?? 0;
      const mine = async (limit: number, after?: string) =>
        (await statuses.unconfirmed({ shard }, limit, after)).filter(({ rowKey }) => keys.includes(rowKey));
      equal('unseen', (await statuses.unseen(keys)).sort(), keys);
      equal(
        'in order',
        (await mine(1_000)).map(({ rowKey }) => rowKey),
        keys,
      );
      equal(
        'after the first',
        (await mine(1_000, a)).map(({ rowKey }) => rowKey),
        [b],
      );
      const at = { topic: 'sync-status.v1', partition: shard };
      equal('as it should be', await statuses.noteSeen([{ ...at, rowKey: a, version: NOW, offset: 5n }]), []);
      equal('seen', await statuses.unseen(keys), [b]);
      equal('an older place', await statuses.noteSeen([{ ...at, rowKey: a, version: NOW - 1, offset: 4n }]), []);
      equal('an older version', await statuses.noteSeen([{ ...at, rowKey: a, version: NOW - 1, offset: 6n }]), [a]);
      const ahead = NOW * 2;
      equal('the log is ahead', await statuses.noteSeen([{ ...at, rowKey: b, version: ahead, offset: 7n }]), [b]);
      const [row] = await statuses.present([b]);
      equal('the row goes above', versionsOf(row === undefined ? [] : [row]), [ahead + 1]);
      equal('and says so', row?.message.value, `{"version":${ahead + 1}}`);
    },
  },
];
