import type { BenchReport } from './report.ts';

export interface BenchWorld {
  /** Environment for services: servers, fresh secrets, a topic prefix of this bench. */
  readonly env: NodeJS.ProcessEnv;
  /** For logs and data; removed afterwards unless the bench failed. */
  readonly folder: string;
  readonly say: (line: string) => void;
}

export interface Bench {
  readonly name: string;
  run(world: BenchWorld): Promise<Omit<BenchReport, 'bench'>>;
}
