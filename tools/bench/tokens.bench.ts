import { createServer } from 'node:http';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AddressInfo } from 'node:net';
import { hookupValueOf, readHookupMessage, topicsOf, type TokenValue } from '#contracts';
import { RelayKafka, controlMessage } from '#kafka';
import { SealingKeys } from '#sealing';
import { mostInASecond } from '#vendor-twins';
import type { Bench } from './bench.ts';
import { benchKafkaSettings } from './kafka-settings.ts';
import { cpuMs, startService, type BenchService } from './processes.ts';
import { rounded } from './statistics.ts';

/** The run that is reported; others are asked for on the command line, and aim at as much of the time. */
const WHOLE = { credentials: 10_000, life: 600, cap: 50 };
const WHOLE_AIM_SECONDS = 240;
/** Of the aim: until the first is asked for, and a broker on a busy machine. */
const LEAST_AIM_SECONDS = 15;
/** Registrations on their way at a time while the broker is filled. */
const AT_ONCE = 500;

/** A vendor's token endpoint that can be switched off, and that remembers when it was asked. */
class Vendor {
  isDown = false;
  readonly askedAt: number[] = [];
  readonly #lifeSeconds: number;
  readonly #server = createServer((request, response) => {
    request.resume();
    request.on('end', () => {
      const isToken = request.method === 'POST';
      if (isToken) this.askedAt.push(Date.now());
      const status = this.isDown ? 503 : 200;
      const body = isToken
        ? { access_token: `t${this.askedAt.length}`, expires_in: this.#lifeSeconds, token_type: 'Bearer' }
        : { results: [] };
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
  });

  constructor(lifeSeconds: number) {
    this.#lifeSeconds = lifeSeconds;
  }

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  /** Most requests in any second since an instant. */
  mostInASecond(since: number): number {
    return mostInASecond(this.askedAt.filter((at) => at >= since));
  }
}

/** When each credential's newest token expires, as the connectors see it. */
class Tokens {
  readonly expiresAt = new Map<string, number>();

  static async follow(kafka: RelayKafka): Promise<Tokens> {
    const tokens = new Tokens();
    const reader = kafka.tableReader({
      topics: ['token.v1'],
      onBatch: (batch) => {
        for (const { key, value } of batch.messages) {
          if (value !== null) tokens.expiresAt.set(key, Date.parse((value as TokenValue).expiresAt));
        }
        return Promise.resolve();
      },
    });
    await reader.loaded;
    return tokens;
  }

  freshAt(instant: number): number {
    let fresh = 0;
    for (const expiresAt of this.expiresAt.values()) if (expiresAt > instant) fresh += 1;
    return fresh;
  }

  get lastExpiry(): number {
    return Math.max(...this.expiresAt.values());
  }
}

async function register(kafka: RelayKafka, host: string, id: number, keys: SealingKeys): Promise<void> {
  const base = `http://${host}/${id}/oauth2`;
  const verdict = readHookupMessage(
    {
      provet_id: id,
      client_id: `client-${id}`,
      client_secret: `secret-${id}`,
      algorithm: null,
      authorization_grant_type: 'client_credentials',
      client_type: 'confidential',
      redirect_uris: '',
      token_url: `${base}/token/`,
      authorize_url: `${base}/authorize/`,
      openid_autodiscovery_url: null,
    },
    { allowHttp: true, hostAllowed: () => true },
  );
  if (verdict.kind !== 'accepted') throw new Error(`the registration is ${verdict.kind}`);
  const { tenantId, credentialId, clientSecret } = verdict.hookup;
  const sealed = await keys.seal(clientSecret ?? '', { topic: 'hookup.v1', tenantId, credentialId, host });
  const value = hookupValueOf(verdict.hookup, sealed, 'hookup', new Date());
  await kafka.producer('control').send(controlMessage(kafka.partitions, 'hookup.v1', tenantId, credentialId, value));
}

async function untilTrue(what: string, isTrue: () => boolean, seconds: number): Promise<void> {
  const end = Date.now() + seconds * 1000;
  while (!isTrue()) {
    if (Date.now() > end) throw new Error(`not within ${seconds} s: ${what}`);
    await sleep(100);
  }
}

/** Memory of a process in MiB: now, or the most it ever had. */
function memoryMiB(pid: number, field: 'VmRSS' | 'VmHWM'): number {
  const line = new RegExp(`${field}:\\s+(\\d+) kB`).exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return rounded(Number(line) / 1024);
}

/** All tokens expired behind a dead token endpoint: how fast they are fresh again, and whether the vendor's cap holds. */
export const tokensBench: Bench = {
  name: 'tokens',
  parameters: ['credentials', 'life', 'cap'],
  async run({ env, folder, say, given }) {
    const size = (name: keyof typeof WHOLE) => Number(given.get(name) ?? WHOLE[name]);
    const [credentials, lifeSeconds, cap] = [size('credentials'), size('life'), size('cap')];
    const part = ((credentials / cap) * WHOLE.cap) / WHOLE.credentials;
    const aimSeconds = Math.max(LEAST_AIM_SECONDS, Math.round(WHOLE_AIM_SECONDS * part));
    const vendor = new Vendor(lifeSeconds);
    const host = await vendor.start();
    const settings = benchKafkaSettings(env['KAFKA_BROKERS'] ?? '', env['TOPIC_PREFIX'] ?? '');
    const kafka = new RelayKafka({ service: 'token-broker', settings, topics: topicsOf('token-broker') });
    await kafka.topicsReady();
    const tokens = await Tokens.follow(kafka);
    const brokerEnv: NodeJS.ProcessEnv = {
      ...env,
      PROVET_ALLOW_HTTP: 'true',
      PROVET_ALLOWED_HOSTS: host,
      HOOKUP_MAX_PER_HOUR: String(credentials),
      TOKEN_REQUESTS_PER_SECOND: String(cap),
    };
    let broker: BenchService | null = null;
    try {
      broker = await startService(folder, 'token-broker', { ...brokerEnv, TOKEN_REQUESTS_PER_SECOND: '0' });
      const keys = SealingKeys.parse(env['CREDENTIAL_PUBLIC_JWKS'] ?? '');
      const filling = Date.now();
      for (let id = 1; id <= credentials; id++) {
        await register(kafka, host, id, keys);
        if (id % AT_ONCE === 0) await untilTrue('proven', () => tokens.expiresAt.size > id - AT_ONCE, 300);
      }
      await untilTrue('all are proven', () => tokens.expiresAt.size === credentials, 600);
      say(`${credentials} credentials proven in ${rounded((Date.now() - filling) / 1000)} s, without a cap`);
      await broker.child.stop(15_000);
      vendor.isDown = true;
      broker = await startService(folder, 'token-broker', brokerEnv);
      const pid = broker.child.identity.pid;
      const down = Date.now();
      const [downAsked, downCpu] = [vendor.askedAt.length, cpuMs(pid)];
      await sleep(Math.max(0, tokens.lastExpiry - Date.now() + 1000));
      const downSeconds = (Date.now() - down) / 1000;
      const asked = vendor.askedAt.length - downAsked;
      const cpuDown = ((cpuMs(pid) - downCpu) / 10 / downSeconds).toFixed(1);
      say(`all have expired; asked ${asked} times in ${rounded(downSeconds)} s, ${cpuDown} % of a core`);
      if (tokens.freshAt(Date.now()) > 0) throw new Error('some tokens have not expired');
      vendor.isDown = false;
      const up = Date.now();
      const upCpu = cpuMs(pid);
      await untilTrue('all are fresh', () => tokens.freshAt(Date.now()) === credentials, 600);
      const seconds = rounded((Date.now() - up) / 1000, 1);
      const cpuUp = rounded((cpuMs(pid) - upCpu) / 10 / seconds, 1);
      const most = vendor.mostInASecond(down);
      const requests = vendor.askedAt.filter((at) => at >= up).length;
      const figure = (name: string, unit: string, value: number) => ({ name, unit, median: value, runs: [value] });
      return {
        what:
          `${credentials} credentials whose tokens live ${lifeSeconds} s, one token-broker. The vendor's token endpoint answers ` +
          `503 until all tokens have expired, then works again; its cap is ${cap} requests a second.`,
        figures: [
          {
            ...figure('all fresh again', 's', seconds),
            aim: `<= ${aimSeconds} s`,
            reached: seconds <= aimSeconds,
          },
          {
            ...figure('most requests in any second', 'requests', most),
            aim: `<= ${cap}`,
            reached: most <= cap,
          },
          figure('token requests until all are fresh', 'requests', requests),
          figure('token requests while the endpoint was down', 'requests', asked),
          figure('CPU while the endpoint was down', '% of a core', Number(cpuDown)),
          figure('CPU until all are fresh', '% of a core', cpuUp),
          figure('memory, then', 'MiB', memoryMiB(pid, 'VmRSS')),
          figure('memory, at most', 'MiB', memoryMiB(pid, 'VmHWM')),
        ],
        notes: [`The endpoint was down for ${rounded(downSeconds)} s.`],
      };
    } finally {
      await broker?.child.stop(15_000);
      await kafka.close();
      vendor.stop();
    }
  },
};
