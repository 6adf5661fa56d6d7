import type { ResourceSpec } from '../ports/connector.js';
import type { EngineRules } from './engine-rules.js';
import type { EventOrigin, EventSettings } from './record-version.js';

/** What every result of one resource of a tenant is judged by. */
export interface PlanContext {
  readonly now: number;
  readonly rules: EngineRules;
  readonly spec: ResourceSpec;
  readonly origin: EventOrigin;
  readonly settings: EventSettings;
  /** Names the run in which a version was made, where no pass has given its own. */
  readonly runId: string;
}
