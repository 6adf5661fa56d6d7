import type { HookContentType } from './deliveries.js';

/** A webhook registration of a tenant. */
export interface Hook {
  readonly id: number;
  readonly name: string;
  readonly trigger: number;
  readonly target: string;
  readonly contentType: HookContentType;
  readonly active: boolean;
  /** URL of the department it is limited to; null: the whole organisation. */
  readonly department: string | null;
  readonly created: number;
  readonly modified: number;
}
