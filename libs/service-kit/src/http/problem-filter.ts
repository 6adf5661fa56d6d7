import { Catch, HttpException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Log } from '../logging/log.js';
import { PROBLEM_TYPE, Problem, problemBody, type ProblemBody } from './problem.js';
import { routeTemplate } from './route-template.js';

/** What Fastify's own refusals mean, without their texts: those repeat what was sent. */
const FASTIFY_DETAILS: Readonly<Record<number, string>> = {
  400: 'the request cannot be read',
  404: 'there is nothing at this address',
  413: 'the body is larger than this address accepts',
  415: 'the content type is not accepted here',
};

function statusOf(error: unknown): number {
  if (error instanceof HttpException) return error.getStatus();
  const given: unknown = typeof error === 'object' && error !== null && 'statusCode' in error ? error.statusCode : 500;
  return typeof given === 'number' && given >= 400 && given <= 599 ? given : 500;
}

/** Turns whatever a request ended with into a problem body. Total: the unknown is a 500 that says nothing. */
export function problemOf(error: unknown, instance: string | undefined): ProblemBody {
  if (error instanceof Problem) return error.toBody(instance);
  const status = statusOf(error);
  const detail = FASTIFY_DETAILS[status];
  return problemBody(status, detail === undefined ? {} : { detail }, instance);
}

/** Answers every error as `application/problem+json`: no stack, no value of the request, the route as a template. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly log: Log) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    const route = routeTemplate(request);
    const body = problemOf(error, route);
    if (body.status >= 500 && !(error instanceof Problem)) this.log.error({ err: error, route }, 'request failed');
    if (reply.sent) return;
    if (error instanceof Problem) void reply.headers(error.headers);
    void reply.code(body.status).type(PROBLEM_TYPE).send(JSON.stringify(body));
  }
}
