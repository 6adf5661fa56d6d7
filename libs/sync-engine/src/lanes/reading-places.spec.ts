import { describe, expect, it } from 'vitest';
import { ReadingPlaces } from './reading-places.js';

describe('turns of first readings', () => {
  const world = (most = 2) => {
    const called: string[] = [];
    const at = { now: 1_000 };
    const places = new ReadingPlaces(most, () => at.now);
    const mayRead = (name: string): boolean => places.openFrom(name, () => called.push(name)) <= at.now;
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
});
