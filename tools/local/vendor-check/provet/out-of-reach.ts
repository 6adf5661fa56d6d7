import type { OutOfReach } from '../finding.ts';

/** What the reference leaves open and no reading can tell. */
export const OUT_OF_REACH: readonly OutOfReach[] = [
  {
    section: '§3',
    statement: 'hookup: headers, retries, time-out, notice of removal',
    instead: 'switch the integration off and on at the test tenant and read the gateway’s log and `audit.v1`',
  },
  {
    section: '§5.1',
    statement: 'webhooks: form and type of ids in JSON mode, further members, retry spacing and time-out',
    instead: 'make a hook by hand and change a record; `/hook/queue/` and the gateway’s metrics show what comes',
  },
  {
    section: '§5.2',
    statement: 'names of the id in the body of most triggers',
    instead: 'let the trigger fire once: any single member that ends in `_id` is taken',
  },
  {
    section: '§5.1',
    statement: 'order and visibility: a webhook before its change, or after the deletion',
    instead: 'counted as duplicates and missed on `sync-status.v1`; the relay repeats a fetch that finds nothing new',
  },
  {
    section: '§6.1',
    statement: 'whether a redirect counts against the limit; a write without its slash',
    instead: 'not needed: the relay always sends the slash',
  },
  { section: '§6.5', statement: 'zone of naive times in writes', instead: 'not needed: the relay writes no records' },
  {
    section: '§6.8',
    statement: 'the limits themselves, and what a 429 looks like',
    instead:
      'never provoked; one that comes by itself is described, corrects the budget and is counted in `relay_outgoing_http_seconds`',
  },
  {
    section: '§8',
    statement: 'bodies of `update_status`, `set_integration_status`, `mark_sent`',
    instead: 'not needed: the relay writes no records',
  },
  {
    section: '§11',
    statement: 'notice period of breaking changes; the list of regional domains',
    instead: 'ask the vendor',
  },
];
