import { HttpException } from '@nestjs/common';
import { STATUS_CODES } from 'node:http';

export const PROBLEM_TYPE = 'application/problem+json';

export interface ProblemOptions {
  /** Stable word for programs, e.g. `body-too-large`. */
  readonly code: string;
  readonly title?: string;
  /** For people. Never a value that came with the request. */
  readonly detail?: string;
  /** More members of the body. */
  readonly extra?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Body of an error answer (RFC 9457). `instance` is the route's template: paths can hold secrets. */
export interface ProblemBody {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: string;
  readonly detail?: string;
  readonly instance?: string;
  readonly [member: string]: unknown;
}

const CODES: Readonly<Record<number, string>> = {
  400: 'bad-request',
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not-found',
  405: 'method-not-allowed',
  408: 'request-timeout',
  409: 'conflict',
  413: 'body-too-large',
  414: 'address-too-long',
  415: 'unsupported-media-type',
  422: 'unprocessable',
  429: 'too-many-requests',
  500: 'internal-error',
  502: 'bad-gateway',
  503: 'unavailable',
  504: 'gateway-timeout',
};

export function codeOfStatus(status: number): string {
  return CODES[status] ?? (status >= 500 ? 'internal-error' : 'bad-request');
}

/** An answer that is an error, thrown by a handler. */
export class Problem extends HttpException {
  readonly code: string;
  readonly retryable: boolean;
  readonly title: string;
  readonly detail: string | undefined;
  readonly extra: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, options: ProblemOptions) {
    super(options.code, status);
    this.name = 'Problem';
    this.code = options.code;
    this.retryable = status === 429 || status === 503;
    this.title = options.title ?? STATUS_CODES[status] ?? 'Error';
    this.detail = options.detail;
    this.extra = options.extra ?? {};
    this.headers = options.headers ?? {};
  }

  /** The body to send; `instance` is the template of the route that was asked. */
  toBody(instance?: string): ProblemBody {
    return problemBody(this.getStatus(), this, instance);
  }
}

interface BodyParts {
  readonly code?: string;
  readonly title?: string;
  readonly detail?: string | undefined;
  readonly extra?: Readonly<Record<string, unknown>>;
}

/** Builds the body of an error answer; what is not given follows from the status. */
export function problemBody(status: number, parts: BodyParts = {}, instance?: string): ProblemBody {
  return {
    type: 'about:blank',
    title: parts.title ?? STATUS_CODES[status] ?? 'Error',
    status,
    code: parts.code ?? codeOfStatus(status),
    ...(parts.detail === undefined ? {} : { detail: parts.detail }),
    ...(instance === undefined ? {} : { instance }),
    ...parts.extra,
  };
}
