import { partitionOf } from '@relay/contracts';
import * as fc from 'fast-check';
import { Partitioners, type PartitionMetadata } from 'kafkajs';
import { expect, it } from 'vitest';

it('chooses the partition that any Kafka client chooses for a key', () => {
  const theirs = Partitioners.DefaultPartitioner();
  fc.assert(
    fc.property(fc.string({ minLength: 1, unit: 'binary' }), fc.integer({ min: 1, max: 64 }), (key, count) => {
      const partitionMetadata = Array.from({ length: count }, (_, partitionId) => ({ partitionId, leader: 1 }));
      const message = { key: Buffer.from(key), value: '' };
      const expected = theirs({ topic: 't', partitionMetadata: partitionMetadata as PartitionMetadata[], message });
      expect(partitionOf(key, count)).toBe(expected);
    }),
    { numRuns: 300 },
  );
});
