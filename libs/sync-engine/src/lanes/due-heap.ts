interface Item<T> {
  readonly at: number;
  readonly order: number;
  readonly value: T;
}

/** Things by the instant at which they are due; equal instants in the order of their arrival. */
export class DueHeap<T> {
  private readonly items: Item<T>[] = [];
  private arrivals = 0;

  get size(): number {
    return this.items.length;
  }

  get nextAt(): number | null {
    return this.items[0]?.at ?? null;
  }

  push(at: number, value: T): void {
    this.items.push({ at, order: this.arrivals++, value });
    let child = this.items.length - 1;
    while (child > 0) {
      const parent = (child - 1) >> 1;
      if (!this.before(child, parent)) break;
      this.swap(child, parent);
      child = parent;
    }
  }

  /** Takes the first that is due; null when none is. */
  popDue(now: number): T | null {
    const first = this.items[0];
    if (first === undefined || first.at > now) return null;
    const last = this.items.pop() as Item<T>;
    if (this.items.length > 0) {
      this.items[0] = last;
      this.sink();
    }
    return first.value;
  }

  private sink(): void {
    let parent = 0;
    for (;;) {
      const left = 2 * parent + 1;
      let least = parent;
      if (left < this.items.length && this.before(left, least)) least = left;
      if (left + 1 < this.items.length && this.before(left + 1, least)) least = left + 1;
      if (least === parent) return;
      this.swap(parent, least);
      parent = least;
    }
  }

  private before(a: number, b: number): boolean {
    const x = this.items[a] as Item<T>;
    const y = this.items[b] as Item<T>;
    return x.at === y.at ? x.order < y.order : x.at < y.at;
  }

  private swap(a: number, b: number): void {
    const held = this.items[a] as Item<T>;
    this.items[a] = this.items[b] as Item<T>;
    this.items[b] = held;
  }
}
