import { describe, expect, it } from 'vitest';
import { Metrics } from './metrics.js';

describe('Metrics', () => {
  it('gives the same metric for the same name', async () => {
    const metrics = new Metrics();
    metrics.counter({ name: 'relay_things_total', help: 'things' }).inc();
    metrics.counter({ name: 'relay_things_total', help: 'things' }).inc(2);
    expect(await metrics.registry.metrics()).toContain('relay_things_total 3');
  });

  it('refuses a name without the prefix and a second kind under one name', () => {
    const metrics = new Metrics();
    metrics.counter({ name: 'relay_things_total', help: 'things' });
    expect(() => metrics.gauge({ name: 'relay_things_total', help: 'things' })).toThrow(/another kind/);
    expect(() => metrics.gauge({ name: 'things', help: 'things' })).toThrow(/relay_/);
  });

  it('names all process metrics with the prefix', async () => {
    const metrics = new Metrics();
    metrics.collectProcess();
    const names = metrics.registry.getMetricsAsArray().map((metric) => metric.name);
    expect(names.length).toBeGreaterThan(10);
    expect(names.filter((name) => !name.startsWith('relay_'))).toEqual([]);
  });
});
