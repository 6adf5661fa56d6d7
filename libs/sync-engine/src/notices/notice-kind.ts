import { TRIGGERS } from '@relay/contracts';
import type { Trigger } from '../core/model.js';

/** What a notice announces, as far as its trigger tells: `any` does not. */
export function noticeKind(trigger: Trigger): 'changed' | 'deleted' | 'unknown' {
  const kind = trigger === 'any' ? undefined : TRIGGERS.get(trigger)?.kind;
  return kind === undefined || kind === 'other' ? 'unknown' : kind;
}
