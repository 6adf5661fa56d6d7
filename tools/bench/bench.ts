import type { BenchReport } from './report.ts';

export interface BenchWorld {
  /** Environment for services: servers, fresh secrets, a topic prefix of this bench. */
  readonly env: NodeJS.ProcessEnv;
  /** For logs and data; removed afterwards unless the bench failed. */
  readonly folder: string;
  readonly say: (line: string) => void;
  /** `name=value` from the command line. */
  readonly given: ReadonlyMap<string, string>;
}

export interface Bench {
  readonly name: string;
  /** Names of what may be given on the command line, for a run that is smaller or larger than the one that is reported. */
  readonly parameters?: readonly string[];
  run(world: BenchWorld): Promise<Omit<BenchReport, 'bench'>>;
}
