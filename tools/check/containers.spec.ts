import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SECRETS } from '../local/start/environment.ts';
import { ROOT, SERVICES, V8_OPTIONS } from '../local/services.ts';

const dockerfile = readFileSync(join(ROOT, 'Dockerfile'), 'utf8');
const compose = readFileSync(join(ROOT, 'docker-compose.yml'), 'utf8');
const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: Record<string, string> };

/** The command of a stage that adds nothing else to the common one. */
function commandOf(target: string): string {
  const match = new RegExp(`^FROM runtime AS ${target}\\nCMD (\\[.*\\])$`, 'm').exec(dockerfile);
  return (JSON.parse(match?.[1] ?? '[]') as string[]).join(' ');
}

/** The lines of one service in the compose file. */
function composeBlock(service: string): string {
  const [, services = ''] = compose.split(/^services:$/m);
  return new RegExp(`^  ${service}:\\n((?:    .*\\n|\\n)+)`, 'm').exec(services)?.[1] ?? '';
}

describe.each(SERVICES)('the container of $name', ({ name, port, managementPort }) => {
  it('runs what the service script runs, without npm in between', () => {
    expect(commandOf(name)).toBe(`${scripts['service']} ${name}`);
  });

  it('is built from its own target, and compose does not replace the command', () => {
    const block = composeBlock(name);
    expect(block).toContain(`target: ${name} }`);
    expect(block).not.toMatch(/^\s*(command|entrypoint):/m);
  });

  it('has the ports of the contract', () => {
    const block = composeBlock(name);
    expect(block).toContain(`MANAGEMENT_PORT: '${managementPort}'`);
    expect(/^ {6}PORT: '(\d+)'/m.exec(block)?.[1] ?? null).toBe(port === null ? null : String(port));
  });

  it('gets the secrets that are its own, and no others', () => {
    const given = [...composeBlock(name).matchAll(/^ {6}([A-Z_]+):/gm)].map((match) => match[1] ?? '');
    const secrets = given.filter((variable) => variable in SECRETS);
    const own = Object.keys(SECRETS).filter((secret) => SECRETS[secret]?.includes(name));
    expect(secrets.sort()).toEqual(own.sort());
  });
});

describe('the services', () => {
  it('are told the same of memory by the service script, and with it the containers, as by `npm start`', () => {
    expect(scripts['service']).toBe(`node ${V8_OPTIONS.join(' ')} tools/run.mjs local/service`);
  });

  it('are told nothing that this Node does not know', () => {
    const asked = spawnSync(process.execPath, [...V8_OPTIONS, '--print', '1'], { encoding: 'utf8' });
    expect([asked.status, asked.stdout, asked.stderr]).toEqual([0, '1\n', '']);
  });
});

describe('the containers', () => {
  it('run the simulator as the simulator script does', () => {
    expect(commandOf('simulator')).toBe(scripts['simulator']);
  });

  it('do not run as root, and hold no development packages', () => {
    expect(dockerfile).toMatch(/AS runtime[\s\S]*USER node[\s\S]*AS gateway/);
    expect(dockerfile).toContain('RUN npm ci --omit=dev');
    expect(dockerfile).toContain('COPY --from=packages /app/node_modules');
  });
});
