import { recordEventValue, recordTopic, type SyncStatusValue } from '@relay/contracts';
import type { LoggedMessage, ModelWorker } from '@relay/testing';
import type { ExactKind, ExactPractice, PracticeOptions, TwinRecord } from '@relay/vendor-twins';
import { ExactModel, type ExactModelOptions } from './exact-model.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

export interface SceneOptions extends Partial<PracticeOptions> {
  /** What the vendor grants from the beginning; default all. */
  readonly granted?: readonly string[];
}

/** A model with one practice, one shard and one process, and what to ask of them. */
export class ExactScene {
  readonly model: ExactModel;
  readonly worker: ModelWorker;
  readonly practice: ExactPractice;
  private readonly id: string;

  constructor(options: Partial<ExactModelOptions> = {}, { granted, ...practice }: SceneOptions = {}) {
    this.id = practice.id ?? 'UKTEST1';
    this.model = new ExactModel({ seed: 'scene', ...options });
    if (granted !== undefined) this.model.grant(granted);
    this.worker = this.model.start();
    this.worker.assign(0);
    this.worker.readBack();
    this.practice = this.model.practice({ ...practice, id: this.id });
  }

  /** The same, once everything was read for the first time. */
  static async live(options: Partial<ExactModelOptions> = {}, practice: SceneOptions = {}): Promise<ExactScene> {
    const scene = new ExactScene(options, practice);
    await scene.model.clock.until('the practice is live', () => scene.isLive());
    return scene;
  }

  isLive(): boolean {
    return this.worker.engine.connector.resources.every(({ name }) => this.status(name).phase === 'live');
  }

  status(resource: string, practiceId = this.id): Partial<SyncStatusValue> {
    const message = this.model.log.tail('sync-status.v1').get(`${this.tenantId(practiceId)}/${resource}`);
    return JSON.parse(message?.value ?? '{}') as Partial<SyncStatusValue>;
  }

  /** The record as the log's last message of it has it; null: a tombstone; undefined: there is none. */
  tail(resource: string, recordId: string, practiceId = this.id): Record<string, unknown> | null | undefined {
    const name = resource === 'practice' ? recordId : recordId.toLowerCase();
    const message = this.model.log.tail(recordTopic('exact', resource)).get(`${this.tenantId(practiceId)}/${name}`);
    if (message === undefined) return undefined;
    if (message.value === null) return null;
    return recordEventValue.parse(JSON.parse(message.value)).record;
  }

  keys(resource: string): string[] {
    return [...this.model.log.tail(recordTopic('exact', resource)).keys()].sort();
  }

  /** How many messages there are of a resource. */
  messages(resource: string): number {
    return this.all(resource).length;
  }

  /** How many messages there are of one record. */
  versions(resource: string, recordId: string, practiceId = this.id): number {
    const key = `${this.tenantId(practiceId)}/${recordId.toLowerCase()}`;
    return this.all(resource).filter((message) => message.key === key).length;
  }

  records(kind: ExactKind, practiceId = this.id): TwinRecord[] {
    return this.model.twin.records(practiceId, kind);
  }

  /** The id of an appointment of the next two days. */
  nearAppointment(): string {
    const now = this.model.clock.now();
    const [found] = this.starting(now + HOUR, now + 2 * DAY);
    return found?.['id'] as string;
  }

  /** Appointments that the windows show. */
  inWindows(pastDays = 30, futureDays = 365): TwinRecord[] {
    const now = this.model.clock.now();
    return this.starting(now - pastDays * DAY, now + futureDays * DAY);
  }

  starting(from: number, to: number): TwinRecord[] {
    return this.records('appointment').filter((record) => {
      const start = Date.parse(record['startDate'] as string);
      return start >= from && start <= to;
    });
  }

  /** Requests that reached the vendor, method and address. */
  asked(match: RegExp, after = 0): string[] {
    return this.model.twin.requests.list(match, after).map(({ method, path }) => `${method} ${path}`);
  }

  private all(resource: string): LoggedMessage[] {
    return this.model.log.messages(recordTopic('exact', resource));
  }

  private tenantId(practiceId: string): string {
    return this.model.tenantOf(practiceId).tenantId;
  }
}
