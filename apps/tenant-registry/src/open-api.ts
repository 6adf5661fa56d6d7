import { Module, type INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { CONFIG } from '@relay/service-kit';
import { RegistryChanges } from './changes/registry-changes.js';
import { DeletionDecision } from './holds/deletion-decision.js';
import { RegistrationApproval } from './holds/approve-registration.js';
import { OperatorGuard } from './operators/operator.guard.js';
import { AuditLog } from './persistence/audit-log.js';
import { OperatorTokens } from './operators/operator-tokens.js';
import { API_CONTROLLERS } from './registry.module.js';
import { OrderRequests } from './sync-requests/order-requests.js';
import { RecordQuestions } from './sync-requests/record-questions.js';
import { OperatorRegistration } from './registrations/register-by-operator.js';

/** The admin API's document, of an application that holds its controllers. */
export function openApiOf(app: INestApplication): OpenAPIObject {
  const about = new DocumentBuilder()
    .setTitle('Practice Relay: tenant registry')
    .setDescription(
      'Who is a tenant and in which state. Errors are application/problem+json. Tenant ids in paths are percent-encoded.',
    )
    .setVersion('1')
    .addBearerAuth({
      type: 'http',
      scheme: 'bearer',
      bearerFormat: 'opaque',
      description: 'A token of OPERATOR_TOKENS',
    })
    .build();
  return SwaggerModule.createDocument(app, about);
}

/** Controllers without what they work with: enough to describe them. */
@Module({
  controllers: API_CONTROLLERS,
  providers: [
    OperatorGuard,
    ...[
      RegistryChanges,
      AuditLog,
      OperatorRegistration,
      RegistrationApproval,
      DeletionDecision,
      RecordQuestions,
      OrderRequests,
      OperatorTokens,
      CONFIG,
    ].map(absent),
  ],
})
class DescribedModule {}

function absent<T>(provide: T): { provide: T; useValue: object } {
  return { provide, useValue: {} };
}

/** The document without Kafka, Postgres or settings; for the generated file in docs. */
export async function buildOpenApi(): Promise<OpenAPIObject> {
  const app = await NestFactory.create(DescribedModule, new FastifyAdapter(), { logger: false, abortOnError: false });
  try {
    return openApiOf(app);
  } finally {
    await app.close();
  }
}
