import type { Clock } from '@relay/service-kit';

interface Timer {
  readonly at: number;
  readonly order: number;
  readonly owner: VirtualProcess | null;
  run: (() => void) | null;
}

/**
 * Time that only the test moves. Whatever is due at an instant runs in the order in which it was asked for; then
 * everything that follows from it without waiting runs to its end, before the next instant comes. The same calls give the
 * same run on any machine, as long as nothing under test waits for real time or real IO.
 */
export class VirtualClock implements Clock {
  /** Timers that have run. */
  fired = 0;
  private time: number;
  private readonly heap: Timer[] = [];
  private orders = 0;

  constructor(startAt: number) {
    this.time = startAt;
  }

  readonly now = (): number => this.time;

  readonly after = (ms: number, run: () => void): (() => void) => this.schedule(ms, run, null);

  readonly soon = (run: () => void): void => void this.schedule(0, run, null);

  /** Resolves after a while of this clock's time. */
  readonly pause = (ms: number): Promise<void> => {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.after(ms, resolve);
    return promise;
  };

  /** The clock of one process, which can be stopped and ended apart from the others. */
  process(): VirtualProcess {
    return new VirtualProcess(this);
  }

  /** Lets an amount of time pass. */
  async run(ms: number): Promise<void> {
    const until = this.time + ms;
    await turn();
    for (let next = this.heap[0]; next !== undefined && next.at <= until; next = this.heap[0]) {
      this.time = Math.max(this.time, next.at);
      // What is asked for while these run belongs to a later turn, also when it is due at once.
      const due: Timer[] = [];
      while (this.heap[0] !== undefined && this.heap[0].at <= this.time) due.push(this.pop());
      for (const timer of due) this.fire(timer);
      await turn();
    }
    this.time = until;
  }

  /** Lets time pass until something is true. Rejects when it is not after so much time. */
  async until(what: string, check: () => boolean, withinMs = 86_400_000, stepMs = 100): Promise<void> {
    const last = this.time + withinMs;
    for (await turn(); !check(); await this.run(stepMs)) {
      if (this.time >= last) throw new Error(`${what}: not within ${withinMs} ms of the model's time`);
    }
  }

  /** For the clocks of processes. */
  schedule(ms: number, run: () => void, owner: VirtualProcess | null): () => void {
    const timer: Timer = { at: this.time + Math.max(0, Math.ceil(ms)), order: this.orders++, owner, run };
    this.push(timer);
    return () => void (timer.run = null);
  }

  private fire(timer: Timer): void {
    const { run, owner } = timer;
    if (run === null) return;
    // Held with the timer: it may be called off while its process is stopped.
    if (owner !== null && !owner.isRunning) return owner.hold(() => this.fire(timer));
    timer.run = null;
    this.fired += 1;
    run();
  }

  private push(timer: Timer): void {
    const { heap } = this;
    let child = heap.push(timer) - 1;
    while (child > 0) {
      const parent = (child - 1) >> 1;
      const above = heap[parent] as Timer;
      if (!before(timer, above)) break;
      heap[child] = above;
      child = parent;
    }
    heap[child] = timer;
  }

  private pop(): Timer {
    const { heap } = this;
    const first = heap[0] as Timer;
    const last = heap.pop() as Timer;
    if (heap.length === 0) return first;
    let parent = 0;
    for (;;) {
      let child = 2 * parent + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && before(heap[child + 1] as Timer, heap[child] as Timer)) child += 1;
      if (!before(heap[child] as Timer, last)) break;
      heap[parent] = heap[child] as Timer;
      parent = child;
    }
    heap[parent] = last;
    return first;
  }
}

const before = (a: Timer, b: Timer): boolean => (a.at === b.at ? a.order < b.order : a.at < b.at);

/** A turn of the event loop: whatever follows without waiting has been done when it is over. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** The clock of one process. While it is stopped none of its timers runs, so that it neither asks nor hears anything. */
export class VirtualProcess implements Clock {
  private state: 'running' | 'stopped' | 'ended' = 'running';
  private held: (() => void)[] = [];

  constructor(private readonly clock: VirtualClock) {}

  get isRunning(): boolean {
    return this.state === 'running';
  }

  readonly now = (): number => this.clock.now();

  readonly after = (ms: number, run: () => void): (() => void) => this.clock.schedule(ms, run, this);

  readonly soon = (run: () => void): void => void this.clock.schedule(0, run, this);

  readonly pause = (ms: number): Promise<void> => {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.after(ms, resolve);
    return promise;
  };

  /** As SIGSTOP does. */
  stop(): void {
    if (this.state === 'running') this.state = 'stopped';
  }

  /** Goes on; what has become due meanwhile runs at once. */
  resume(): void {
    if (this.state !== 'stopped') return;
    this.state = 'running';
    const held = this.held;
    this.held = [];
    for (const run of held) this.soon(run);
  }

  /** As SIGKILL does. */
  end(): void {
    this.state = 'ended';
    this.held = [];
  }

  /** For the clock. */
  hold(run: () => void): void {
    if (this.state === 'stopped') this.held.push(run);
  }
}
