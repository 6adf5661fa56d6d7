import type { TestScope } from '@relay/testing';
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

/** `npm run vendor:check -- --tenant T --json` in an empty folder, with nothing but an environment. */
export function vendorCheckIn(
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
