import type { PendingEntry } from '../core/model.js';
import type { PassSpec, ResourceSpec, WorkClass } from '../ports/connector.js';

/** What a lane can do next. */
export type LaneWork =
  | { readonly kind: 'fetch'; readonly entry: PendingEntry; readonly spec: ResourceSpec; readonly work: WorkClass }
  | { readonly kind: 'page'; readonly spec: ResourceSpec; readonly pass: PassSpec; readonly work: WorkClass }
  | { readonly kind: 'prepare' }
  | { readonly kind: 'probe' };

export type FetchWork = Extract<LaneWork, { kind: 'fetch' }>;
export type PageWork = Extract<LaneWork, { kind: 'page' }>;
