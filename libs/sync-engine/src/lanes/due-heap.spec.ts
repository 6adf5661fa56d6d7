import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { DueHeap } from './due-heap.js';

it('gives things back by their instants, equal ones in the order of arrival', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 20 })), (instants) => {
      const heap = new DueHeap<number>();
      instants.forEach((at, order) => heap.push(at, order));
      const sorted = instants.map((at, order) => ({ at, order })).sort((a, b) => a.at - b.at || a.order - b.order);
      for (const { order } of sorted) expect(heap.popDue(20)).toBe(order);
      expect(heap.popDue(20)).toBeNull();
    }),
  );
});

it('gives nothing back before it is due', () => {
  const heap = new DueHeap<string>();
  heap.push(10, 'a');
  expect(heap.popDue(9)).toBeNull();
  expect(heap.nextAt).toBe(10);
  expect(heap.popDue(10)).toBe('a');
});
