import { recordTopic, type ServiceName } from '@relay/contracts';
import { until, type TestScope } from '@relay/testing';
import { setTimeout as sleep } from 'node:timers/promises';
import { checkAccepted, type Accepted } from './accepted-checker.js';
import { EventLog } from './event-log.js';
import { KeyExchange } from './key-sets.js';
import { keyLines, type KeyLine } from './keys-status.js';
import { RelayStack } from './relay-stack.js';
import { StatusLog } from './status-log.js';

const CLIENT = recordTopic('provet', 'client');
const CHANGE_EVERY_MS = 100;

export interface KeyWorldOptions {
  readonly exact?: boolean;
  /** Provet's practices: 1, 2, … */
  readonly tenants: number;
  readonly recordsEach: number;
}

/** A relay whose practices change all the time while its keys are exchanged. */
export class KeyWorld {
  readonly keys: KeyExchange;
  /** What was changed of the settings so far. */
  settings: Record<string, string> = {};
  private readonly changed = new Map<string, Accepted>();
  private readonly stopped = new AbortController();
  private changes: Promise<void> = Promise.resolve();

  private constructor(
    private readonly options: KeyWorldOptions,
    readonly relay: RelayStack,
    private readonly log: EventLog,
  ) {
    this.keys = new KeyExchange(relay.keys);
  }

  static async start(scope: TestScope, options: KeyWorldOptions): Promise<KeyWorld> {
    const relay = await RelayStack.start(scope, {
      ...(options.exact === undefined ? {} : { exact: options.exact }),
      // Only webhooks may bring a change here: the checks run once a day.
      env: { PROVET_RESOURCES: 'client', PROVET_RECONCILE_SECONDS: '86400' },
    });
    const world = new KeyWorld(options, relay, await EventLog.follow(scope, relay.kafka, [['provet', 'client']]));
    const status = await StatusLog.follow(scope, relay.kafka);
    for (let id = 1; id <= options.tenants; id += 1) {
      const tenantId = await relay.joinProvet({ id, records: { client: options.recordsEach } });
      await until(`${tenantId} is live`, () => status.allLive(tenantId, ['client']), { timeoutMs: 60_000 });
    }
    relay.simulator.provet.deliveries.retryPausesMs = Array.from({ length: 100 }, () => 300);
    return world;
  }

  get env(): Record<string, string> {
    return { ...this.relay.env, ...this.settings };
  }

  lines(): Promise<KeyLine[]> {
    return keyLines(this.env);
  }

  lineOf(all: readonly KeyLine[], set: string, which: 'old' | 'fresh'): KeyLine | undefined {
    return all.find((line) => line.set === set && line.kid === this.keys.names(which)[set]);
  }

  /** Settings change for everybody, and some services are started with them one after the other. */
  async roll(services: readonly ServiceName[], change: Record<string, string>): Promise<void> {
    this.settings = { ...this.settings, ...change };
    for (const service of services) {
      await this.relay.service(service).stop();
      await this.relay.startService(service, { env: this.settings });
    }
  }

  /** From here on records change; the vendor announces each change to whatever hooks it has then. */
  startChanging(): void {
    this.changes = this.change();
  }

  stop(): void {
    this.stopped.abort();
  }

  /** Ends the changes and waits until every webhook has come to its end. */
  async quiet(): Promise<void> {
    this.stop();
    await this.changes;
    const { deliveries } = this.relay.simulator.provet;
    await until('all webhooks are delivered', () => deliveries.unfinished === 0, { timeoutMs: 30_000 });
  }

  /** Changes that no consumer has. */
  lost(): string[] {
    return checkAccepted(this.log, CLIENT, this.changed.values());
  }

  private async change(): Promise<void> {
    const { tenants, recordsEach } = this.options;
    const { signal } = this.stopped;
    for (let n = 0; !signal.aborted; n += 1) {
      const [tenant, id] = [1 + (n % tenants), 1 + (Math.floor(n / tenants) % recordsEach)];
      this.relay.simulator.provet.put(tenant, 'client', id, { firstname: `change-${n}` });
      const key = `${this.relay.tenantId(tenant)}/${id}`;
      this.changed.set(key, { key, member: 'firstname', value: `change-${n}` });
      await sleep(CHANGE_EVERY_MS, undefined, { signal }).catch(() => undefined);
    }
  }
}
