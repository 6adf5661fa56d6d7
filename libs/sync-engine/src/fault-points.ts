/**
 * Every place of the engine where a test may stop, delay or end the process, in the order in which a change passes them. Each
 * does nothing unless a test has armed it.
 */
export const FAULT_POINTS = {
  /** Notices into the pending set; `after` = their offset is not committed yet. */
  notices: ['sync:before-notices', 'sync:after-notices'],
  /** A page: asked for, read, committed with the place to go on. */
  page: ['sync:before-page', 'sync:page', 'sync:after-page'],
  record: ['sync:before-fetch', 'sync:after-fetch'],
  /** `before` = in it. */
  transaction: ['sync:before-commit', 'sync:after-commit'],
  /** A version; `after` = it is acknowledged. */
  version: ['sync:before-send', 'sync:after-send'],
  /** `after` = noted; its offset is not committed yet. */
  readBack: ['sync:read-back', 'sync:after-read-back'],
  purge: ['sync:purge-after-tombstones', 'sync:purge-before-receipt'],
} as const;

export type FaultPoint = (typeof FAULT_POINTS)[keyof typeof FAULT_POINTS][number];
