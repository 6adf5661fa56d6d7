import {
  Counter,
  Gauge,
  Histogram,
  Registry,
  collectDefaultMetrics,
  type CounterConfiguration,
  type GaugeConfiguration,
  type HistogramConfiguration,
} from 'prom-client';

const PREFIX = 'relay_';

/** The process's metrics. Asking twice for one name gives the same metric, so that no owner has to be agreed on. */
export class Metrics {
  readonly registry = new Registry();

  /** Memory, event loop and garbage collection of the process, as `relay_process_…` and `relay_nodejs_…`. */
  collectProcess(): void {
    collectDefaultMetrics({ register: this.registry, prefix: PREFIX });
  }

  counter<L extends string = string>(config: CounterConfiguration<L>): Counter<L> {
    return this.once(config.name, Counter<L>, () => new Counter({ ...config, registers: [this.registry] }));
  }

  gauge<L extends string = string>(config: GaugeConfiguration<L>): Gauge<L> {
    return this.once(config.name, Gauge<L>, () => new Gauge({ ...config, registers: [this.registry] }));
  }

  histogram<L extends string = string>(config: HistogramConfiguration<L>): Histogram<L> {
    return this.once(config.name, Histogram<L>, () => new Histogram({ ...config, registers: [this.registry] }));
  }

  private once<M>(name: string, kind: abstract new (...args: never[]) => M, create: () => M): M {
    if (!name.startsWith(PREFIX)) throw new Error(`a metric's name starts with ${PREFIX}: ${name}`);
    const known: unknown = this.registry.getSingleMetric(name);
    if (known === undefined) return create();
    if (known instanceof kind) return known;
    throw new Error(`metric ${name} exists already and is of another kind`);
  }
}
