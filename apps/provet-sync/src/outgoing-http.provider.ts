import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { OutgoingHttp, type OutgoingRequest, type Reply } from '@relay/http-client';
import { provetWalls, type Log, type Metrics } from '@relay/service-kit';
import type { HttpSender } from './calls/provet-calls.js';
import type { ProvetSyncConfig } from './config.js';

/** Outgoing HTTP of this service; its connections are closed once nothing can call any more. */
@Injectable()
export class ProvetHttp implements HttpSender, OnApplicationShutdown {
  private readonly http: OutgoingHttp;

  constructor(config: ProvetSyncConfig, log: Log, metrics: Metrics) {
    this.http = new OutgoingHttp({
      ...provetWalls(config.provetAllowedHosts, config.provetAllowHttp),
      attemptTimeoutMs: config.httpAttemptTimeoutMs,
      // Most tenants share one host; what limits them are the lanes, not the connections.
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
