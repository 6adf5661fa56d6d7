import { Problem } from '@relay/service-kit';

export function noSuchHold(): Problem {
  return new Problem(404, { code: 'no-such-hold', detail: 'no hold has this id' });
}

export function holdClosed(): Problem {
  return new Problem(409, { code: 'hold-closed', detail: 'the hold is not open any more' });
}
