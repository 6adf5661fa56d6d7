import { ExactGiver, RunningConnector, keyring, serveTwin, type TestScope } from '@relay/testing';
import type { ExactTwin } from '@relay/vendor-twins';
import { exactSync } from '../exact-sync.service-definition.js';

/** Whom the twin gives tokens to. */
export const CLIENT = { clientId: 'relay', secret: 's' } as const;

export interface ExactSyncOptions {
  readonly resources: readonly string[];
  /** Topics that the test looks at. */
  readonly watches: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

export interface ExactSyncAtWork {
  readonly connector: RunningConnector<typeof exactSync.settings>;
  /** Gives it tokens of `CLIENT`, of what the twin grants by then. None is given yet. */
  readonly broker: ExactGiver;
}

/** exact-sync in the test's own process, on real servers, for the environment of a twin that is served to it. */
export async function exactSyncOn(
  scope: TestScope,
  twin: ExactTwin,
  { resources, watches, env }: ExactSyncOptions,
): Promise<ExactSyncAtWork> {
  const { environment } = twin;
  const keys = keyring();
  twin.addClient({ id: CLIENT.clientId, secret: CLIENT.secret });
  const url = await serveTwin(scope, twin);
  const connector = await RunningConnector.start(scope, exactSync, {
    keyring: keys,
    resources,
    watches,
    vendor: { exact: { url, ...CLIENT } },
    env: {
      EXACT_ENVIRONMENT: environment,
      EXACT_RESOURCES: resources.join(','),
      EXACT_POLL_SECONDS: '1',
      ...env,
    },
  });
  const broker = new ExactGiver({
    environment,
    publicJwks: keys.EXACT_TOKEN_PUBLIC_JWKS,
    origin: url,
    client: CLIENT,
    wanted: connector.config.exactScopes,
    granted: () => twin.tokens.clients.get(CLIENT.clientId)?.scopes ?? [],
    send: (...message) => connector.send(...message),
  });
  return { connector, broker };
}
