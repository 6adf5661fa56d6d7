import { recordTopic } from '@relay/contracts';
import { ShardEpochs } from '@relay/database';
import { until } from '@relay/testing';
import { describe, expect, it } from 'vitest';
import { EngineWorld, type SeenEvent } from '../test-support/engine-world.js';
import { gate, onFaultPoint } from '../test-support/fault-hook.js';
import { ScriptedVendor } from '../test-support/scripted-vendor.js';

const nameOf = (event: SeenEvent | undefined): unknown =>
  (event?.value?.['record'] as { name?: unknown } | undefined)?.name;
const versionOf = (event: SeenEvent): number => Number(event.headers['ce_recordversion']);

describe('shards that change hands', () => {
  it('sends what a crashed owner had committed and not sent', async (scope) => {
    const vendor = new ScriptedVendor();
    const world = await EngineWorld.create(scope, vendor);
    const { tenantId } = await world.tenant();
    vendor.put(tenantId, 'client', 1, { name: 'Before' }, Date.now() - 60_000);
    const first = await world.start();
    await world.live(tenantId);

    const crash = gate();
    let committed = false;
    onFaultPoint(scope, async (name) => {
      if (name !== 'sync:after-commit' || committed) return;
      const rows = await world.database.query('select 1 from record where previous_version is not null');
      if (rows.length === 0) return;
      committed = true;
      await crash.opened;
    });
    vendor.put(tenantId, 'client', 1, { name: 'After' });
    await world.notice(tenantId, 1);
    await until('the version is committed', () => committed);
    await world.stop(first);
    expect(world.eventsOf(tenantId, 1).map(nameOf)).toEqual(['Before']);

    await world.start();
    const event = await until('the version is in the log', () => world.eventsOf(tenantId, 1)[1]);
    expect(nameOf(event)).toBe('After');
    expect(event.headers['ce_cause']).toBe('replay');
    expect(event.value?.['lineage']).toMatchObject({ cause: 'notice' });
    crash.open();
  });

  it('sends the newest version again when an older one turns up after it', async (scope) => {
    const vendor = new ScriptedVendor();
    const world = await EngineWorld.create(scope, vendor);
    const { tenantId } = await world.tenant();
    vendor.put(tenantId, 'client', 1, { name: 'One' }, Date.now() - 60_000);
    await world.start();
    await world.live(tenantId);
    vendor.put(tenantId, 'client', 1, { name: 'Two' });
    await world.notice(tenantId, 1);
    const newest = await until('the newest', () => world.eventsOf(tenantId, 1)[1]);
    await until('it was read back', async () => {
      const rows = await world.database.query('select 1 from record where log_version = version');
      return rows.length === 1;
    });

    // What a paused process would still have on its way: the version before, after the newest.
    const older = world.eventsOf(tenantId, 1)[0] as SeenEvent;
    await world.kafka.producer('record').send({
      topic: recordTopic('provet', 'client'),
      key: older.key,
      value: JSON.stringify(older.value),
      headers: older.headers,
    });
    const again = await until('the newest follows', () => world.eventsOf(tenantId, 1)[3]);
    expect(versionOf(again)).toBe(versionOf(newest));
    expect(again.value).toEqual(newest.value);
    expect(again.headers['ce_cause']).toBe('replay');
  });

  it('commits nothing for a shard that somebody else has taken', async (scope) => {
    const vendor = new ScriptedVendor();
    const world = await EngineWorld.create(scope, vendor);
    const { tenantId } = await world.tenant();
    vendor.put(tenantId, 'client', 1, { name: 'One' }, Date.now() - 60_000);
    const zombie = await world.start();
    await world.live(tenantId);

    const answer = gate();
    vendor.gates.set('1', answer.opened);
    vendor.put(tenantId, 'client', 1, { name: 'Zombie' });
    await world.notice(tenantId, 1);
    const fetches = vendor.count('record', '1');
    await until('its fetch is on the way', () => vendor.count('record', '1') > 1 || fetches > 1);
    // Another owner, as after a pause that the group has noticed and this process has not.
    const epochs = new ShardEpochs(world.database, 'provet-sync');
    for (let shard = 0; shard < 4; shard += 1) await epochs.take(shard, 'other');
    vendor.put(tenantId, 'client', 1, { name: 'Later' });
    vendor.gates.delete('1');
    answer.open();
    await until('the zombie has given up', () => [...zombie.engine.book.held()].length < 4);
    const rows = await world.database.query<{ body: string }>('select body from record_body');
    expect(rows.map(({ body }) => (JSON.parse(body) as { name: string }).name)).toEqual(['One']);

    await world.stop(zombie);
    await world.start();
    const event = await until('the next owner publishes', () => world.eventsOf(tenantId, 1)[1]);
    expect(nameOf(event)).toBe('Later');
  });

  it('works on with the process that is left', async (scope) => {
    const vendor = new ScriptedVendor();
    const world = await EngineWorld.create(scope, vendor);
    const tenants = await Promise.all([1, 2, 3, 4, 5, 6].map((provetId) => world.tenant({ provetId })));
    const first = await world.start();
    const second = await world.start();
    await until('both own shards', () => [first, second].every((r) => [...r.engine.book.held()].length === 2), {
      timeoutMs: 30_000,
    });
    for (const { tenantId } of tenants) await world.live(tenantId);
    await world.stop(first);
    await until('one owns all', () => [...second.engine.book.held()].length === 4, { timeoutMs: 30_000 });
    for (const { tenantId } of tenants) {
      vendor.put(tenantId, 'client', 1, { name: tenantId });
      await world.notice(tenantId, 1);
    }
    const events = [];
    for (const { tenantId } of tenants) {
      events.push(await until(`the event of ${tenantId}`, () => world.last(tenantId, 1)));
    }
    expect(events.map(nameOf)).toEqual(tenants.map(({ tenantId }) => tenantId));
  });
});
