import type { DynamicModule, INestApplication, Type } from '@nestjs/common';
import type { CustomTransportStrategy } from '@nestjs/microservices';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { ServiceName } from '@relay/contracts';
import type { commonSettings } from '../settings/common-settings.js';
import type { ConfigOf, Settings } from '../settings/setting.js';

/** What every service declares at least: `commonSettings`, spread into its own. */
export type ServiceSettings = Settings & typeof commonSettings;

/** All that differs between services at start. `main.ts` is `await runService(definition)` and nothing else. */
export interface ServiceDefinition<S extends ServiceSettings> {
  readonly name: ServiceName;
  readonly settings: S;
  /** Rules between settings; returns what is wrong. */
  crossChecks?(config: ConfigOf<S>): readonly string[];
  module(config: ConfigOf<S>): Type | DynamicModule;
  /** Absent = the service opens no API port. With it, the settings must hold `portSetting(…)`. */
  readonly http?: {
    /** More options for Fastify's constructor (`bodyLimit`, `routerOptions`, …). */
    fastify?(config: ConfigOf<S>): object;
    /** Keeps the bytes of bodies on the request. */
    readonly rawBody?: boolean;
    /** Body parsers, hooks, documents: runs before routes are registered. */
    configure?(app: NestFastifyApplication, config: ConfigOf<S>): void | Promise<void>;
  };
  /** Nest transports that run beside HTTP (Kafka consumers). */
  strategies?(app: INestApplication, config: ConfigOf<S>): readonly CustomTransportStrategy[];
}

/** Declares a service, with the types of its settings kept. */
export function defineService<const S extends ServiceSettings>(definition: ServiceDefinition<S>): ServiceDefinition<S> {
  return definition;
}
