import type { FaultPoint } from '@relay/sync-engine';
import type { ModelWorker } from '@relay/testing';
import type { ProvetModel } from '../provet-model.js';

/** What a worker is to suffer when it next comes to a place. */
interface Ambush {
  readonly point: FaultPoint;
  readonly worker: string;
  strike(worker: ModelWorker): Promise<void> | void;
}

const never = new Promise<void>(() => undefined);

/** The processes of a run: who holds which shard, who reads back, who is dead or frozen. */
export class Crew {
  private readonly workers: ModelWorker[] = [];
  private readonly frozen = new Set<ModelWorker>();
  private readonly holders = new Map<number, ModelWorker>();
  private reader: ModelWorker | null = null;
  private readonly ambushes: Ambush[] = [];

  constructor(
    private readonly model: ProvetModel,
    private readonly shards: number,
    workers: number,
    /** Told when something was done to a worker, with the time after which it is over. */
    private readonly disturbed: (forMs: number) => void,
  ) {
    for (let count = 0; count < workers; count += 1) this.workers.push(model.start());
    for (let shard = 0; shard < shards; shard += 1) this.give(shard, this.worker(shard));
    this.read();
    model.onFaultPoint = (point, name) => this.reached(point, name);
  }

  /** A worker by a number, of those that live. */
  worker(number: number): ModelWorker {
    const live = this.workers.filter((worker) => worker.process.isRunning);
    return live[number % live.length] ?? this.model.start();
  }

  kill(number: number, at: FaultPoint | 'now', awayMs: number): void {
    const strike = (worker: ModelWorker): Promise<void> => {
      this.disturbed(awayMs);
      worker.kill();
      this.workers.splice(this.workers.indexOf(worker), 1);
      this.model.clock.after(awayMs, () => this.replace(worker));
      return never;
    };
    this.strikeAt(number, at, strike);
  }

  freeze(number: number, at: FaultPoint | 'now', handOverMs: number, resumeMs: number): void {
    const strike = (worker: ModelWorker): Promise<void> => {
      this.disturbed(Math.max(handOverMs, resumeMs));
      worker.stop();
      this.frozen.add(worker);
      if (this.reader === worker) this.reader = null;
      const { clock } = this.model;
      clock.after(handOverMs, () => {
        if (this.frozen.has(worker)) this.replace(worker);
      });
      clock.after(resumeMs, () => {
        this.frozen.delete(worker);
        worker.resume();
        this.read();
      });
      return worker.process.pause(0);
    };
    this.strikeAt(number, at, strike);
  }

  move(shard: number, number: number, told: boolean): void {
    const holder = this.holders.get(shard);
    const next = this.worker(number);
    if (holder === next || holder?.process.isRunning !== true) return;
    this.disturbed(0);
    if (told) holder.revoke(shard);
    this.give(shard, next);
  }

  /** Ends all and starts anew, as around a restore. One may have been forgotten: it stood still, and goes on later. */
  restart(between: () => void, survivorMs: number | null): void {
    const [survivor] = survivorMs === null ? [] : this.workers.filter(({ process }) => process.isRunning).splice(0, 1);
    for (const worker of this.workers.splice(0)) if (worker !== survivor) worker.kill();
    this.frozen.clear();
    this.reader = null;
    survivor?.stop();
    between();
    this.workers.push(this.model.start());
    for (let shard = 0; shard < this.shards; shard += 1) this.give(shard, this.worker(0));
    this.read();
    if (survivor !== undefined) this.model.clock.after(survivorMs ?? 0, () => survivor.resume());
  }

  /** Nothing more happens to anybody; every shard has an owner. */
  calm(): void {
    this.ambushes.length = 0;
    for (const worker of this.frozen) worker.resume();
    this.frozen.clear();
    for (let shard = 0; shard < this.shards; shard += 1) {
      if (this.holders.get(shard)?.process.isRunning !== true) this.give(shard, this.worker(shard));
    }
    this.read();
  }

  /** Others take over what a worker had. */
  private replace(worker: ModelWorker): void {
    if (!this.workers.some(({ process }) => process.isRunning)) this.workers.push(this.model.start());
    for (const [shard, holder] of this.holders) if (holder === worker) this.give(shard, this.worker(shard));
    this.read();
  }

  private give(shard: number, worker: ModelWorker): void {
    this.holders.set(shard, worker);
    worker.assign(shard);
  }

  private read(): void {
    if (this.reader?.process.isRunning === true) return;
    const live = this.workers.filter(({ process }) => process.isRunning);
    this.reader = live[0] ?? null;
    this.reader?.readBack();
  }

  private strikeAt(number: number, point: FaultPoint | 'now', strike: Ambush['strike']): void {
    const worker = this.worker(number);
    if (point === 'now') void strike(worker);
    else this.ambushes.push({ point, worker: worker.name, strike });
  }

  private reached(point: string, name: string): Promise<void> | void {
    const at = this.ambushes.findIndex((ambush) => ambush.point === point && ambush.worker === name);
    const worker = this.workers.find((one) => one.name === name);
    if (at < 0 || worker?.process.isRunning !== true) return;
    const [ambush] = this.ambushes.splice(at, 1);
    return ambush?.strike(worker);
  }
}
