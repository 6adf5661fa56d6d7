/** The newest `capacity` items of a growing log, each numbered from 1: a simulator may run for days. */
export class Ring<T> {
  readonly #capacity: number;
  #items: { readonly seq: number; readonly item: T }[] = [];
  #seq = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get total(): number {
    return this.#seq;
  }

  push(item: T): number {
    this.#seq += 1;
    this.#items.push({ seq: this.#seq, item });
    // Cut in large steps: shifting one item at a time would cost the whole length each time.
    if (this.#items.length >= this.#capacity * 2) this.#items = this.#items.slice(-this.#capacity);
    return this.#seq;
  }

  /** Items numbered above `after`, oldest first. */
  since(after = 0): (T & { readonly seq: number })[] {
    return this.#items.filter(({ seq }) => seq > after).map(({ seq, item }) => ({ ...item, seq }));
  }

  clear(): void {
    this.#items = [];
  }
}
