import { createHash, timingSafeEqual } from 'node:crypto';
import { Inject, Injectable, UnauthorizedException, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { CONTROLLED, type Controlled } from './controlled.js';

/** Asks for `SIMULATOR_CONTROL_TOKEN` where one is set. */
@Injectable()
export class ControlGuard implements CanActivate {
  constructor(@Inject(CONTROLLED) private readonly controlled: Controlled) {}

  canActivate(context: ExecutionContext): boolean {
    const { token } = this.controlled;
    if (token === null) return true;
    const { authorization } = context.switchToHttp().getRequest<FastifyRequest>().headers;
    if (timingSafeEqual(digest(`Bearer ${token}`), digest(authorization ?? ''))) return true;
    throw new UnauthorizedException();
  }
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
