import { applyDecorators } from '@nestjs/common';
import { ApiResponse, type ApiResponseSchemaHost } from '@nestjs/swagger';
import { HOOKUP_MEMBERS, auditValue, capabilities, syncStatusValue, tenantValue } from '@relay/contracts';
import { z } from 'zod';
import { HOLD_KINDS } from './persistence/hold-rows.js';

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
  required: [...HOOKUP_MEMBERS],
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

/** What an operator copies from Provet's settings page. */
const SHORT_FORM_SCHEMA = {
  type: 'object',
  required: ['apiUrl', 'clientId', 'clientSecret', 'grant'],
  additionalProperties: false,
  properties: {
    apiUrl: { type: 'string', format: 'uri', example: 'https://provetcloud.com/4711/api/0.1/' },
    clientId: text,
    clientSecret: textOrNull,
    grant: HOOKUP_SCHEMA.properties.authorization_grant_type,
  },
};

/** What `POST /tenants` takes. */
export const REGISTRATION_SCHEMA = { oneOf: [HOOKUP_SCHEMA, SHORT_FORM_SCHEMA] };

type Schema = ApiResponseSchemaHost['schema'];

/** A value of a topic, described as the topic's own schema describes it. */
function ofTopic(value: z.ZodType): Record<string, unknown> {
  return z.toJSONSchema(value, { target: 'openapi-3.0', io: 'output' });
}

function object(properties: Record<string, unknown>): Record<string, unknown> {
  return { type: 'object', required: Object.keys(properties), properties };
}

function list(items: Record<string, unknown>): Record<string, unknown> {
  return { type: 'array', items };
}

const instant = { type: 'string', format: 'date-time' };
const HOLD = object({
  holdId: text,
  kind: { type: 'string', enum: [...HOLD_KINDS] },
  tenantId: textOrNull,
  environment: textOrNull,
  detail: { type: 'object', additionalProperties: true },
  raisedAt: instant,
});
const TENANT = {
  allOf: [ofTopic(tenantValue), object({ labels: { type: 'object', additionalProperties: text } })],
};
const CREDENTIAL = object({
  credentialId: text,
  grant: textOrNull,
  health: textOrNull,
  inForce: { type: 'boolean' },
  checkedAt: { ...instant, nullable: true },
  expiresAt: { ...instant, nullable: true },
  code: textOrNull,
  consentedBy: textOrNull,
  capabilities: { ...ofTopic(capabilities), nullable: true },
});
const DETAIL = object({
  reasonText: textOrNull,
  since: instant,
  practice: { type: 'object', nullable: true, additionalProperties: true },
  credentials: list(CREDENTIAL),
  sync: list(ofTopic(syncStatusValue)),
  holds: list(HOLD),
});
const WEBHOOK_URL = object({
  trigger: {
    oneOf: [
      { type: 'integer', minimum: 1 },
      { type: 'string', enum: ['any'] },
    ],
  },
  name: text,
  resource: textOrNull,
  url: { type: 'string', format: 'uri' },
});

const CONSENT_LINK = object({ url: { type: 'string', format: 'uri' }, expiresAt: instant });

/** What the API's answers look like. */
export const ANSWERS = {
  auditPage: object({ items: list(ofTopic(auditValue)), nextCursor: textOrNull }),
  consentLink: CONSENT_LINK,
  hold: HOLD,
  holdPage: object({ items: list(HOLD), nextCursor: textOrNull }),
  tenant: TENANT,
  tenantPage: object({ items: list(TENANT), nextCursor: textOrNull }),
  tenantDetail: { allOf: [TENANT, object({ detail: DETAIL })] },
  webhookUrls: object({ items: list(WEBHOOK_URL) }),
} as const satisfies Record<string, Record<string, unknown>>;

/** Documents what a route answers when it does what was asked. */
export function answer(status: number, description: string, schema: keyof typeof ANSWERS): MethodDecorator {
  return ApiResponse({ status, description, schema: ANSWERS[schema] as Schema });
}
