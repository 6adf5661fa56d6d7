import { Injectable, SetMetadata, createParamDecorator, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { Problem } from '@relay/service-kit';
import { OperatorTokens, includesRole, type Operator, type OperatorRole } from './operator-tokens.js';

const NEEDED_ROLE = 'practice-relay.needed-role';

interface OperatorRequest {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  operator?: Operator;
}

/** The least role that a route asks for. A route without it is open to nobody. */
export const Needs = (role: OperatorRole): MethodDecorator & ClassDecorator => SetMetadata(NEEDED_ROLE, role);

/** Who made the request. */
export const CurrentOperator = createParamDecorator(
  (_data: unknown, context: ExecutionContext): Operator | undefined => {
    return context.switchToHttp().getRequest<OperatorRequest>().operator;
  },
);

/** Lets a request through that carries an operator's token with the role the route needs. */
@Injectable()
export class OperatorGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly tokens: OperatorTokens,
  ) {}

  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<OperatorRequest>();
    const operator = this.tokens.operatorOf(bearerOf(request.headers['authorization']), Date.now());
    if (operator === null) {
      throw new Problem(401, {
        code: 'unauthorized',
        detail: 'send a valid operator token as Authorization: Bearer',
        headers: { 'www-authenticate': 'Bearer realm="practice-relay"' },
      });
    }
    const needed = this.reflector.getAllAndOverride<OperatorRole | undefined>(NEEDED_ROLE, [
      context.getHandler(),
      context.getClass(),
    ]);
    if (needed === undefined || !includesRole(operator.role, needed)) {
      throw new Problem(403, {
        code: 'forbidden',
        detail: needed === undefined ? 'nobody may do this' : `this needs the role ${needed}`,
      });
    }
    request.operator = operator;
    return true;
  }
}

/** The token of an `Authorization: Bearer` header; empty when there is none. */
function bearerOf(header: string | string[] | undefined): string {
  const match = typeof header === 'string' ? /^Bearer +(\S+) *$/i.exec(header) : null;
  return match?.[1] ?? '';
}
