import { applyDecorators } from '@nestjs/common';
import { ApiResponse } from '@nestjs/swagger';

const ERRORS = {
  400: 'A member is wrong; every one is named in `errors`',
  401: 'No valid operator token',
  403: 'The role does not allow it, or a host is not allowed',
  404: 'Not known',
  409: 'The present state does not allow it',
  503: 'Nothing durable can take it at the moment; see Retry-After',
} as const;

const PROBLEM_SCHEMA = {
  type: 'object',
  required: ['type', 'title', 'status', 'code'],
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer' },
    code: { type: 'string' },
    detail: { type: 'string' },
    instance: { type: 'string' },
  },
};

/** Documents which errors a route answers, all as problem+json. */
export function errorAnswers(...statuses: (keyof typeof ERRORS)[]): ClassDecorator & MethodDecorator {
  return applyDecorators(
    ...statuses.map((status) =>
      ApiResponse({
        status,
        description: ERRORS[status],
        content: { 'application/problem+json': { schema: PROBLEM_SCHEMA } },
      }),
    ),
  );
}

const text = { type: 'string' };
const textOrNull = { type: 'string', nullable: true };

/** The registration message of Provet (contract §3). */
export const HOOKUP_SCHEMA = {
  type: 'object',
  required: [
    'provet_id',
    'client_id',
    'client_secret',
    'algorithm',
    'authorization_grant_type',
    'client_type',
    'redirect_uris',
    'token_url',
    'authorize_url',
    'openid_autodiscovery_url',
  ],
  properties: {
    provet_id: { type: 'integer', minimum: 1 },
    client_id: text,
    client_secret: textOrNull,
    algorithm: textOrNull,
    authorization_grant_type: {
      type: 'string',
      enum: ['client_credentials', 'client-credentials', 'authorization_code', 'authorization-code'],
    },
    client_type: { type: 'string', enum: ['confidential', 'public'] },
    redirect_uris: text,
    token_url: text,
    authorize_url: text,
    openid_autodiscovery_url: textOrNull,
  },
};
