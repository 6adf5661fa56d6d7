/** Numbered things by the instant at which they are due, in typed arrays: tens of millions of them pass in one run. */
export class TimeHeap {
  private times = new Float64Array(1_024);
  private things = new Int32Array(1_024);
  private size = 0;

  /** When the next is due; Infinity when nothing is. */
  get nextAt(): number {
    return this.size === 0 ? Infinity : (this.times[0] as number);
  }

  push(at: number, thing: number): void {
    if (this.size === this.times.length) this.grow();
    let child = this.size++;
    while (child > 0) {
      const parent = (child - 1) >> 1;
      if ((this.times[parent] as number) <= at) break;
      this.move(parent, child);
      child = parent;
    }
    this.times[child] = at;
    this.things[child] = thing;
  }

  pop(): number {
    const first = this.things[0] as number;
    this.size -= 1;
    const at = this.times[this.size] as number;
    const thing = this.things[this.size] as number;
    let parent = 0;
    for (;;) {
      let child = 2 * parent + 1;
      if (child >= this.size) break;
      if (child + 1 < this.size && (this.times[child + 1] as number) < (this.times[child] as number)) child += 1;
      if ((this.times[child] as number) >= at) break;
      this.move(child, parent);
      parent = child;
    }
    this.times[parent] = at;
    this.things[parent] = thing;
    return first;
  }

  private move(from: number, to: number): void {
    this.times[to] = this.times[from] as number;
    this.things[to] = this.things[from] as number;
  }

  private grow(): void {
    const [times, things] = [this.times, this.things];
    this.times = new Float64Array(2 * times.length);
    this.things = new Int32Array(2 * things.length);
    this.times.set(times);
    this.things.set(things);
  }
}
