import type { Place } from './places.js';

/** Next offsets to be handled, and who waits for them to move. */
export class Positions {
  readonly #next = new Map<Place, bigint>();
  readonly #watchers = new Map<Place, Set<() => void>>();

  get(place: Place): bigint | undefined {
    return this.#next.get(place);
  }

  places(): Iterable<Place> {
    return this.#next.keys();
  }

  move(place: Place, next: bigint): void {
    this.#next.set(place, next);
    const watchers = this.#watchers.get(place);
    if (watchers) for (const watcher of watchers) watcher();
  }

  forget(place: Place): void {
    this.#next.delete(place);
  }

  /** Resolves true when the position has moved, false after `ms`. */
  moved(place: Place, ms: number): Promise<boolean> {
    return new Promise((resolve) => {
      const watchers = this.#watchers.get(place) ?? new Set();
      this.#watchers.set(place, watchers);
      const done = (hasMoved: boolean) => {
        clearTimeout(timer);
        watchers.delete(onMove);
        resolve(hasMoved);
      };
      const onMove = () => done(true);
      const timer = setTimeout(() => done(false), ms);
      watchers.add(onMove);
    });
  }
}
