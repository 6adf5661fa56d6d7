import { parseArgs } from 'node:util';
import { StopWithMessage } from '../stop-with-message.ts';

export interface VendorCheckOptions {
  readonly tenant: string;
  readonly json: boolean;
}

const USAGE =
  'Usage: npm run vendor:check -- --tenant TENANT_ID [--json], for example --tenant provet:provetcloud.com:8424 or --tenant exact:qa:UKTEST1';

export function parseVendorCheckOptions(args: readonly string[]): VendorCheckOptions {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: { tenant: { type: 'string' }, json: { type: 'boolean', default: false } },
    });
    if (values.tenant === undefined || values.tenant === '') throw new Error('--tenant is missing');
    return { tenant: values.tenant, json: values.json };
  } catch (error) {
    throw new StopWithMessage('bad-option', `${error instanceof Error ? error.message : ''}\n${USAGE}`);
  }
}
