import { topicsOf, type ControlTopic, type ControlValue, type TenantValue } from '@relay/contracts';
import { RelayKafka, controlMessage } from '@relay/kafka';
import { relayEnvironment, testKafka, type Keyring, type RelayParts, type TestScope } from '@relay/testing';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../../services.ts';

export interface EndedCheck {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CheckedRelayOptions {
  readonly service: 'provet-sync' | 'exact-sync';
  readonly resources: readonly string[];
  readonly keyring: Keyring;
  /** Where the vendor is. */
  readonly vendor: Pick<RelayParts, 'provetHost' | 'exact'>;
  readonly env?: Readonly<Record<string, string>>;
}

/** A relay as `npm run vendor:check` sees it: topics with tenants and tokens, and the environment of its connector. */
export class CheckedRelay {
  private constructor(
    private readonly kafka: RelayKafka,
    private readonly env: Readonly<Record<string, string>>,
    private readonly run: (tenantId: string, env: Readonly<Record<string, string>>) => Promise<EndedCheck>,
  ) {}

  static async start(scope: TestScope, options: CheckedRelayOptions): Promise<CheckedRelay> {
    const { service, resources, keyring, vendor, env } = options;
    const topics = await testKafka(scope);
    const kafka = new RelayKafka({ service, settings: topics.settings, topics: topicsOf(service, resources) });
    scope.onTestFinished(() => kafka.close());
    await kafka.topicsReady();
    const parts = { kafka: topics, databaseUrl: '', keyring, publicUrl: 'http://relay.test', ...vendor };
    return new CheckedRelay(kafka, { ...relayEnvironment(parts), ...env }, vendorCheckIn(scope));
  }

  async send<T extends ControlTopic>(topic: T, owner: string, key: string, value: ControlValue<T>): Promise<void> {
    await this.kafka.producer('control').send(controlMessage(this.kafka.partitions, topic, owner, key, value));
  }

  /** What the registry does. */
  publish(tenant: TenantValue): Promise<void> {
    return this.send('tenant.v1', tenant.tenantId, tenant.tenantId, tenant);
  }

  /** Ends as the command does. With nothing but the environment of the connector, and what is set in `env`. */
  check(tenantId: string, env: Readonly<Record<string, string>> = {}): Promise<EndedCheck> {
    return this.run(tenantId, { ...this.env, ...env });
  }
}

/** `npm run vendor:check -- --tenant T --json` in an empty folder, with nothing but an environment. */
function vendorCheckIn(
  scope: TestScope,
): (tenantId: string, env: Readonly<Record<string, string>>) => Promise<EndedCheck> {
  const folder = mkdtempSync(join(tmpdir(), 'vendor-check-'));
  scope.onTestFinished(() => rmSync(folder, { recursive: true }));
  return async (tenantId, env) => {
    const { PATH, HOME } = process.env;
    const args = [join(ROOT, 'tools', 'run.mjs'), 'local/vendor-check', '--tenant', tenantId, '--json'];
    const child = spawn(process.execPath, args, {
      cwd: folder,
      env: { PATH, HOME, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (chunk) => (stdout += chunk));
    child.stderr.on('data', (chunk) => (stderr += chunk));
    const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
    return { code, stdout, stderr };
  };
}

/** What was found, by the finding's id. */
export const findingsOf = ({ stdout }: EndedCheck): Map<string, string> =>
  new Map(
    (JSON.parse(stdout) as { findings: { id: string; finding: string }[] }).findings.map(({ id, finding }) => [
      id,
      finding,
    ]),
  );
