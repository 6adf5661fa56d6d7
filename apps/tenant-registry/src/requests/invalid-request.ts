import { ValidationPipe, type ValidationError } from '@nestjs/common';
import { Problem } from '@relay/service-kit';

/** What is wrong with one member, in words that never repeat its value. */
export interface MemberProblem {
  readonly member: string;
  readonly problem: string;
}

/** A 400 that names every bad member. */
export function invalidRequest(errors: readonly MemberProblem[]): Problem {
  const detail = errors.map(({ member, problem }) => `${member || 'the body'} ${problem}`).join('; ');
  return new Problem(400, { code: 'invalid-request', detail, extra: { errors } });
}

/** Checks bodies and queries by their classes. Members that are not known are refused: a typing error must not be silent. */
export function requestValidation(): ValidationPipe {
  return new ValidationPipe({
    transform: true,
    whitelist: true,
    forbidNonWhitelisted: true,
    stopAtFirstError: true,
    exceptionFactory: (errors) => invalidRequest(errors.flatMap((error) => problemsOf(error, ''))),
  });
}

function problemsOf(error: ValidationError, parent: string): MemberProblem[] {
  const member = `${parent}${error.property}`;
  const own = Object.entries(error.constraints ?? {}).slice(0, 1);
  return [
    ...own.map(([rule, text]) => ({ member, problem: rule === 'whitelistValidation' ? 'is not known here' : text })),
    ...(error.children ?? []).flatMap((child) => problemsOf(child, `${member}.`)),
  ];
}
