import { Problem } from '@relay/service-kit';

/** The vendor retries; a few seconds are what a broker needs to elect a leader. */
const RETRY_AFTER_SECONDS = '5';

/** Nothing durable could take what was sent: the sender must send it again. */
export function notDurable(): Problem {
  return new Problem(503, {
    code: 'not-durable',
    detail: 'nothing durable can take this at the moment; send it again',
    headers: { 'retry-after': RETRY_AFTER_SECONDS },
  });
}

/** What whoever does not know a secret is told: the same as for an address that does not exist. */
export function notHere(): Problem {
  return new Problem(404, { code: 'not-found', detail: 'there is nothing at this address' });
}
