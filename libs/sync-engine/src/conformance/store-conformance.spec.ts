import { MemoryDatabase, VirtualClock } from '@relay/testing';
import { describe, it } from 'vitest';
import { storeConformance } from './store-conformance.js';

describe('the store in memory', () => {
  const database = new MemoryDatabase({ partitions: 12, clock: new VirtualClock(0) });
  it.each(storeConformance(() => database.connect()))('$name', (check) => check.run());
});
