import { describe, expect, it } from 'vitest';
import { mostInASecond } from './most-in-a-second.js';

describe('the most in a second', () => {
  it('is that of the fullest second, wherever it begins; what is a whole second apart is in two', () => {
    expect(mostInASecond([])).toBe(0);
    expect(mostInASecond([0, 1_000, 2_000])).toBe(1);
    expect(mostInASecond([0, 600, 1_599, 1_600, 5_000, 5_000])).toBe(2);
    expect(mostInASecond([0, 900, 1_000, 1_899, 1_900, 3_000])).toBe(3);
  });
});
