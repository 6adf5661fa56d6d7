/*
 * What this lib asks of its surroundings. The service-kit's Log, Health and Metrics fit; so does anything as small.
 */

export interface KafkaLog {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export interface KafkaHealthCheck {
  status: 'up' | 'down';
  detail?: string;
}

export interface KafkaHealth {
  register(name: string, check: () => Promise<KafkaHealthCheck> | KafkaHealthCheck): void;
  /** Liveness fails from now on: only a new process can help. */
  setFatal(reason: string): void;
}

type Labels = Record<string, string>;
interface InstrumentOptions {
  name: `relay_${string}`;
  help: string;
  labelNames: string[];
}

export interface KafkaMetrics {
  counter(options: InstrumentOptions): { inc(labels: Labels, value?: number): void };
  gauge(options: InstrumentOptions): { set(labels: Labels, value: number): void };
  histogram(options: InstrumentOptions & { buckets?: number[] }): { observe(labels: Labels, value: number): void };
}

/** For callers that bring no log (tools, tests). */
export const silentLog: KafkaLog = { debug() {}, info() {}, warn() {}, error() {} };
