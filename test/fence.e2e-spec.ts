import { recordTopic } from '@relay/contracts';
import { fileScope, until, type ServiceProcess } from '@relay/testing';
import { resolve } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { EventLog } from './support/event-log.js';
import { checkLog } from './support/log-checker.js';
import { processState } from './support/process-state.js';
import { RelayStack } from './support/relay-stack.js';
import { StatusLog } from './support/status-log.js';

const scope = fileScope();
const CLIENT = recordTopic('provet', 'client');
const ARM = resolve(import.meta.dirname, '..', 'tools', 'faults', 'arm.mjs');

describe('a worker that is paused while its shard moves', () => {
  let relay: RelayStack;
  let log: EventLog;
  let status: StatusLog;
  let tenantId: string;

  beforeAll(async () => {
    relay = await RelayStack.start(scope, {
      // One shard: who holds the tenant is then plain.
      partitions: 1,
      env: { PROVET_RESOURCES: 'client', PROVET_RECONCILE_SECONDS: '86400', PROVET_WEBHOOKS: 'manual' },
    });
    log = await EventLog.follow(scope, relay.kafka, [['provet', 'client']]);
    status = await StatusLog.follow(scope, relay.kafka);
    tenantId = await relay.joinProvet({ id: 1, records: { client: 3 } });
    await until('the tenant is live', () => status.allLive(tenantId, ['client']), { timeoutMs: 60_000 });
  });

  const names = (id: number) => log.of(`${tenantId}/${id}`, CLIENT).map(({ value }) => value?.record?.['firstname']);

  async function change(id: number, firstname: string): Promise<void> {
    relay.simulator.provet.put(1, 'client', id, { firstname }, { notify: false });
    expect((await relay.webhook(1, 1, `client_id=${id}`)).status).toBe(200);
  }

  /** Replaces provet-sync by one that stops itself (SIGSTOP) at a fault point, and waits until it has. */
  async function pauseAt(faultPoints: string, trigger: () => Promise<void>): Promise<ServiceProcess> {
    await relay.service('provet-sync').stop();
    const paused = await relay.startService('provet-sync', {
      importFirst: ARM,
      env: { FAULT_POINTS: faultPoints },
    });
    await trigger();
    await until('the worker has stopped itself', () => processState(paused.pid) === 'T', { timeoutMs: 30_000 });
    return paused;
  }

  it('sends late after two newer versions are out: the newest is sent again', async () => {
    // It ends with its late message, before it can join the group again: a take-over would send again by itself.
    const points = 'sync:after-commit:stop:1,sync:after-send:kill:1';
    const paused = await pauseAt(points, () => change(1, 'paused-in-mid-send'));
    await relay.startService('provet-sync');
    await change(1, 'newer');
    await until('the newer version', () => names(1).includes('newer'), { timeoutMs: 60_000 });
    await change(1, 'newest');
    await until('the newest version', () => names(1).at(-1) === 'newest');
    const before = log.events.length;
    paused.signal('SIGCONT');
    await until(
      'its late message, followed by the newest again',
      () => {
        const after = log.events.slice(before).filter(({ key }) => key === `${tenantId}/1`);
        const late = after.findIndex(({ value }) => value?.record?.['firstname'] === 'paused-in-mid-send');
        return late >= 0 && after.slice(late + 1).some(({ value }) => value?.record?.['firstname'] === 'newest');
      },
      { timeoutMs: 40_000 },
    );
    expect(names(1).at(-1)).toBe('newest');
    await paused.stop();
  });

  it('cannot commit what it had fetched before it was paused', async () => {
    const paused = await pauseAt('sync:before-commit:stop:1', () => change(2, 'fetched-by-the-paused'));
    await relay.startService('provet-sync');
    await until('the owner fetched it too', () => names(2).at(-1) === 'fetched-by-the-paused', { timeoutMs: 60_000 });
    await change(2, 'newer');
    await until('the newer version', () => names(2).at(-1) === 'newer');
    const versions = log.of(`${tenantId}/2`, CLIENT).length;
    paused.signal('SIGCONT');
    await until('the paused one is told that it lost its shards', () => /fenced|lost its shard/i.test(paused.log()), {
      timeoutMs: 30_000,
    });
    await change(3, 'afterwards');
    await until('work goes on', () => names(3).at(-1) === 'afterwards', { timeoutMs: 40_000 });
    expect(log.of(`${tenantId}/2`, CLIENT)).toHaveLength(versions);
    expect(checkLog(log.events)).toEqual([]);
    await paused.stop();
  });
});
