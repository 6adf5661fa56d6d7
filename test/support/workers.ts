import { until, type ServiceProcess } from '@relay/testing';
import { processState } from './process-state.js';
import type { RelayStack } from './relay-stack.js';

/** Processes of one sync, of which some stop at fault points while others take their shards. */
export class Workers {
  private started: ServiceProcess[] = [];

  constructor(
    private readonly relay: RelayStack,
    private readonly service: 'provet-sync' | 'exact-sync',
  ) {}

  /** `faultPoints` are armed in it; what it finds at its start may have it stop before it is ready. */
  async start(faultPoints?: string, over: { waitUntilReady?: boolean } = {}): Promise<ServiceProcess> {
    const worker = await (faultPoints === undefined
      ? this.relay.startService(this.service)
      : this.relay.startArmed(this.service, faultPoints, over));
    this.started.push(worker);
    return worker;
  }

  /** One that stops itself (SIGSTOP) at a fault point has done so. */
  async untilStopped(worker: ServiceProcess): Promise<void> {
    await until('the worker has stopped itself', () => processState(worker.pid) === 'T', { timeoutMs: 30_000 });
  }

  /** It goes on and hears that its shard is somebody else's, from the group or by a commit that fails. */
  async goOn(worker: ServiceProcess): Promise<void> {
    worker.signal('SIGCONT');
    await until('it knows that its shard is lost', () => worker.log().includes('shard lost'), { timeoutMs: 30_000 });
  }

  async stopAll(): Promise<void> {
    await Promise.all(this.started.map((worker) => worker.stop()));
    this.started = [];
  }
}
