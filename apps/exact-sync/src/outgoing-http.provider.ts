import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { OutgoingHttp, type OutgoingRequest, type Reply } from '@relay/http-client';
import { exactWalls, type Log, type Metrics } from '@relay/service-kit';
import type { HttpSender } from './calls/exact-calls.js';
import type { ExactSyncConfig } from './config.js';

/** Outgoing HTTP of this service; its connections are closed once nothing can call any more. */
@Injectable()
export class ExactHttp implements HttpSender, OnApplicationShutdown {
  private readonly http: OutgoingHttp;

  constructor(config: ExactSyncConfig, log: Log, metrics: Metrics) {
    this.http = new OutgoingHttp({
      ...exactWalls([config.exactApiUrl]),
      attemptTimeoutMs: config.httpAttemptTimeoutMs,
      connectionsPerHost: config.laneConcurrency + config.laneSlowConcurrency,
      log,
      metrics,
    });
  }

  send(request: OutgoingRequest): Promise<Reply> {
    return this.http.send(request);
  }

  async onApplicationShutdown(): Promise<void> {
    await this.http.close();
  }
}
