import { TRIGGERS } from '@relay/contracts';
import type { Trigger } from '../core/model.js';

/** What a notice announces, as far as its trigger tells: `any` does not. */
export function noticeKind(trigger: Trigger): 'changed' | 'deleted' | 'unknown' {
  return trigger === 'any' ? 'unknown' : (TRIGGERS.get(trigger)?.kind ?? 'unknown');
}
