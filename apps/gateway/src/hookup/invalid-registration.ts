import type { HookupVerdict } from '@relay/contracts';
import { Problem } from '@relay/service-kit';

/** The answer to a registration that cannot be taken: every bad member is named, no value is repeated. */
export function invalidRegistration(verdict: Exclude<HookupVerdict, { kind: 'accepted' }>): Problem {
  const detail = verdict.errors.map(({ member, problem }) => `${member || 'the body'} ${problem}`).join('; ');
  const extra = { errors: verdict.errors };
  switch (verdict.kind) {
    case 'invalid':
      return new Problem(400, { code: 'registration-invalid', detail, extra });
    case 'forbidden-host':
      return new Problem(403, { code: 'host-not-allowed', detail, extra });
    default:
      return verdict satisfies never;
  }
}
