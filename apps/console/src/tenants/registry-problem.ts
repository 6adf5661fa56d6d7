import { Problem } from '@relay/service-kit';
import type { RegistryAnswer } from './registry-client.js';

/** What the page is told when the registry did not give what was asked for. */
export function problemOfAnswer(answer: Exclude<RegistryAnswer<unknown>, { kind: 'ok' }>): Problem {
  switch (answer.kind) {
    case 'unauthorized':
      return new Problem(401, { code: 'unauthorized', detail: 'sign in with a valid operator token' });
    case 'forbidden':
      return new Problem(403, { code: 'forbidden', detail: 'the role of this token does not allow it' });
    case 'invalid':
      return new Problem(400, { code: 'invalid-request', detail: 'the registry does not understand this question' });
    case 'away':
      return new Problem(503, {
        code: 'registry-unavailable',
        detail: 'the tenant registry gives no usable answer',
        headers: { 'retry-after': '5' },
      });
    default:
      return answer satisfies never;
  }
}
