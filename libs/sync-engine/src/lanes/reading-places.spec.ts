import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ReadingPlaces } from './reading-places.js';

describe('turns of first readings', () => {
  const world = (most = 2) => {
    const called: string[] = [];
    const at = { now: 1_000 };
    const places = new ReadingPlaces(most, () => at.now);
    const mayRead = (name: string): boolean => {
      const isTaken = places.take(name);
      if (!isTaken) places.await(name, () => called.push(name));
      return isTaken;
    };
    return { places, called, at, mayRead };
  };

  it('are given to so many at once, and kept', () => {
    const { mayRead } = world();
    expect(['a', 'b', 'c', 'a', 'b'].map(mayRead)).toEqual([true, true, false, true, true]);
  });

  it('go to the one that has waited longest', () => {
    const { places, called, mayRead } = world(1);
    for (const name of ['a', 'b', 'c']) mayRead(name);
    places.leave('a');
    expect(called).toEqual(['b']);
    expect(mayRead('b')).toBe(true);
    expect(mayRead('c')).toBe(false);
  });

  it('end when nothing is read for long', () => {
    const { places, at, mayRead } = world(2);
    mayRead('a');
    mayRead('b');
    at.now += 200_000;
    places.worked('a');
    at.now += 150_000;
    expect(mayRead('c')).toBe(true);
    expect(mayRead('d')).toBe(false);
    expect(mayRead('a')).toBe(true);
  });

  it('are not taken by looking', () => {
    const { places, at, mayRead } = world(1);
    expect([places.openFrom('a'), places.openFrom('b')]).toEqual([at.now, at.now]);
    expect(mayRead('b')).toBe(true);
    expect(places.openFrom('a')).toBeGreaterThan(at.now);
    expect(places.openFrom('b')).toBe(at.now);
  });

  it('are never more than there are places, and come to everybody who stands in line', () => {
    const name = fc.integer({ min: 0, max: 9 }).map(String);
    const step = fc.oneof(
      fc.record({ do: fc.constant('read' as const), name }),
      fc.record({ do: fc.constant('leave' as const), name }),
      fc.record({ do: fc.constant('look' as const), name }),
    );
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4 }), fc.array(step, { maxLength: 80 }), (most, steps) => {
        const places = new ReadingPlaces(most, () => 1_000);
        const reading = new Set<string>();
        const waiting = new Set<string>();
        const read = (who: string): void => {
          if (places.take(who)) {
            waiting.delete(who);
            reading.add(who);
          } else {
            waiting.add(who);
            places.await(who, () => read(who));
          }
        };
        for (const one of steps) {
          if (one.do === 'read') read(one.name);
          else if (one.do === 'look') places.openFrom(one.name);
          else {
            reading.delete(one.name);
            waiting.delete(one.name);
            places.leave(one.name);
          }
          expect(reading.size).toBeLessThanOrEqual(most);
          // Nobody waits beside a free place.
          expect(waiting.size === 0 || reading.size === most).toBe(true);
        }
        while (reading.size > 0) {
          const [first] = reading;
          reading.delete(first ?? '');
          places.leave(first ?? '');
        }
        expect([...waiting]).toEqual([]);
      }),
    );
  });
});
