import type { AddressInfo } from 'node:net';
import type { KafkaSettings } from '@relay/kafka';
import { Health, Log, Metrics, buildApp, readConfig } from '@relay/service-kit';
import { keyring, type TestScope } from '@relay/testing';
import { gateway } from '../gateway.js';

export const HOST = '127.0.0.1:8080';

export interface RunningGateway {
  readonly url: string;
  readonly port: number;
  readonly health: Health;
  readonly metrics: Metrics;
  hookup(body: unknown, secret?: string): Promise<Response>;
  stop(): Promise<void>;
}

export const keys = keyring();
/** What all gateways of a test file have logged. */
export const logLines: string[] = [];

/** A gateway in this process, on the given Kafka. */
export async function startGateway(
  scope: TestScope,
  kafka: KafkaSettings,
  env: Readonly<Record<string, string>> = {},
): Promise<RunningGateway> {
  const config = readConfig(gateway.settings, {
    env: {
      ...keys,
      KAFKA_BROKERS: kafka.kafkaBrokers.join(','),
      TOPIC_PREFIX: kafka.topicPrefix,
      CONSUMER_GROUP_PREFIX: kafka.consumerGroupPrefix,
      TOPIC_PARTITIONS: '4',
      PUBLIC_URL: 'http://127.0.0.1:3000',
      TOKEN_BROKER_URL: 'http://127.0.0.1:9',
      PROVET_ALLOWED_HOSTS: HOST,
      PROVET_ALLOW_HTTP: 'true',
      ...env,
    },
    defaults: { managementPort: 0 },
  });
  const log = Log.create({ service: 'gateway', level: 'debug', format: 'json', write: (line) => logLines.push(line) });
  const [health, metrics] = [new Health(), new Metrics()];
  const app = await buildApp(gateway, config, { config, log, health, metrics });
  let stopped: Promise<void> | null = null;
  const stop = () => (stopped ??= app.close());
  scope.onTestFinished(stop);
  await app.listen(0, '127.0.0.1');
  const { port } = app.getHttpServer().address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  return {
    url,
    port,
    health,
    metrics,
    stop,
    hookup: (body, secret = keys.HOOKUP_SECRET) =>
      fetch(`${url}/hookup/provet/${secret}`, {
        method: 'POST',
        body: JSON.stringify(body),
        headers: { 'content-type': 'application/json' },
      }),
  };
}

/** A registration as the vendor sends it. */
export function message(over: Record<string, unknown> & { readonly provet_id?: number } = {}): Record<string, unknown> {
  const id = over.provet_id ?? 9;
  return {
    provet_id: 9,
    client_id: 'client-9',
    client_secret: 'planted-secret',
    algorithm: 'RS256',
    authorization_grant_type: 'client_credentials',
    client_type: 'confidential',
    redirect_uris: '',
    token_url: `http://${HOST}/${id}/oauth2/token/`,
    authorize_url: `http://${HOST}/${id}/oauth2/authorize/`,
    openid_autodiscovery_url: null,
    ...over,
  };
}
