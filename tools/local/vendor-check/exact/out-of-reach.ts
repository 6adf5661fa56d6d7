import type { OutOfReach } from '../finding.ts';

/** What the reference leaves open and no reading of one practice can tell. */
export const OUT_OF_REACH: readonly OutOfReach[] = [
  {
    section: '§4',
    statement: 'further endpoints, their scopes and the least version of each',
    instead: 'ask the vendor for the swagger JSON; `npm run exact:requirements` prints what the relay assumes',
  },
  {
    section: '§4.1',
    statement: 'a filter by time of change, the longest window, further parameters',
    instead: 'ask the vendor for the swagger JSON; a window that ends in 504 is halved',
  },
  { section: '§4.3', statement: 'members and conflicts of updates', instead: 'not needed: the relay writes nothing' },
  { section: '§4.4', statement: 'messages to patients', instead: 'not needed: the relay sends none' },
  {
    section: '§5',
    statement: 'whether details are answered while the practice is away',
    instead:
      'switch its server off: `sync-status.v1` goes offline, `practice-details.v1` goes on. The relay takes them for no sign of life',
  },
  {
    section: '§6',
    statement: 'answers while the practice is away, fails or is too old; `Retry-After`',
    instead: 'switch its server off, or take one with an older EXACT: `relay_sync_calls_total` shows what came',
  },
  { section: '§7', statement: 'limits', instead: 'never provoked; a 429 that comes by itself is obeyed and counted' },
  { section: '§8', statement: 'enum values that come and go', instead: 'kept as they come; nothing depends on them' },
];
