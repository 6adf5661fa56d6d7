import { StopWithMessage } from '../stop-with-message.ts';
import type { Surroundings } from '../surroundings.ts';
import type { CheckRun } from './render.ts';

/** Runs all checks of a vendor against one of its tenants. */
export type VendorCheck = (tenantId: string, surroundings: Surroundings) => Promise<CheckRun>;

/** Loaded when asked for: a check imports the built services. */
const VENDORS: Readonly<Record<string, () => Promise<VendorCheck>>> = {
  exact: async () => (await import('./exact/run-exact.ts')).runExact,
  provet: async () => (await import('./provet/run-provet.ts')).runProvet,
};

/** The check for a tenant's vendor, which its id names. */
export function vendorCheckOf(tenantId: string): VendorCheck {
  const vendor = tenantId.slice(0, Math.max(0, tenantId.indexOf(':')));
  const load = VENDORS[vendor];
  if (load === undefined) {
    const known = Object.keys(VENDORS)
      .map((name) => `${name}:…`)
      .join(', ');
    throw new StopWithMessage(
      'no-check',
      `There is no check for "${tenantId}": tenants of these vendors can be checked: ${known}.`,
    );
  }
  return async (...args) => (await load())(...args);
}
