import { readFileSync } from 'node:fs';
import { ConfigError } from './config-error.js';
import type { ConfigOf, Setting, Settings } from './setting.js';

export interface ReadConfigOptions<S extends Settings> {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Rules between settings that belong to one service. Heard as far as the settings that they read have the right form. */
  readonly crossChecks?: (config: ConfigOf<S>) => readonly string[];
  /** Replaces declared defaults, by property name. */
  readonly defaults?: Readonly<Record<string, unknown>>;
}

type Found = { kind: 'text'; text: string } | { kind: 'absent' } | { kind: 'problem'; problem: string };

/** Reads `NAME` or the file that `NAME_FILE` names. Empty means not set. One line break at a file's end is not content. */
function lookUp(env: ReadConfigOptions<Settings>['env'], name: string): Found {
  const direct = env[name] || undefined;
  const path = env[`${name}_FILE`] || undefined;
  if (direct !== undefined && path !== undefined) {
    return { kind: 'problem', problem: `${name} and ${name}_FILE are both set: give one of them` };
  }
  if (path === undefined) return direct === undefined ? { kind: 'absent' } : { kind: 'text', text: direct };
  try {
    const text = readFileSync(path, 'utf8').replace(/\r?\n$/, '');
    return text === '' ? { kind: 'problem', problem: `${name}_FILE names an empty file` } : { kind: 'text', text };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    return { kind: 'problem', problem: `${name}_FILE names a file that cannot be read (${code})` };
  }
}

interface Reading {
  readonly values: Record<string, unknown>;
  readonly problems: string[];
}

function readOne(name: string, setting: Setting<unknown>, options: ReadConfigOptions<Settings>, into: Reading): void {
  const found = lookUp(options.env, setting.env);
  const replaced = options.defaults && name in options.defaults;
  switch (found.kind) {
    case 'problem':
      into.problems.push(found.problem);
      return;
    case 'absent':
      if (replaced) into.values[name] = options.defaults?.[name];
      else if (setting.fallback === undefined) into.problems.push(`${setting.env} is missing: ${setting.about}`);
      else if (typeof setting.fallback !== 'function') into.values[name] = setting.fallback;
      return;
    case 'text': {
      const parsed = setting.parse(found.text);
      if (parsed.ok) into.values[name] = parsed.value;
      else into.problems.push(`${setting.env} ${parsed.problem}`);
      return;
    }
    default:
      throw new Error(`unknown look-up ${JSON.stringify(found satisfies never)}`);
  }
}

/** Defaults that follow from other settings, filled in once those are read. */
function fillDerived(settings: Settings, options: ReadConfigOptions<Settings>, into: Reading): void {
  for (const [name, setting] of Object.entries(settings)) {
    const given = lookUp(options.env, setting.env).kind !== 'absent';
    if (given || name in into.values || typeof setting.fallback !== 'function') continue;
    into.values[name] = (setting.fallback as (values: Record<string, unknown>) => unknown)(into.values);
  }
}

class NotRead extends Error {}

/** Rules that read a setting which could not be read say nothing; the others speak up together with all other problems. */
function crossProblems<S extends Settings>(
  crossChecks: (config: ConfigOf<S>) => readonly string[],
  config: ConfigOf<S>,
  settings: S,
): readonly string[] {
  const guarded = new Proxy(config, {
    get(target, name, receiver) {
      if (typeof name === 'string' && name in settings && !(name in target)) throw new NotRead(name);
      return Reflect.get(target, name, receiver) as unknown;
    },
  });
  try {
    return crossChecks(guarded);
  } catch (error) {
    if (error instanceof NotRead) return [];
    throw error;
  }
}

/** Reads a service's whole configuration. Throws a `ConfigError` that names every problem, not only the first. */
export function readConfig<const S extends Settings>(settings: S, options: ReadConfigOptions<S>): ConfigOf<S> {
  const plain = options as ReadConfigOptions<Settings>;
  const into: Reading = { values: {}, problems: [] };
  for (const [name, setting] of Object.entries(settings)) readOne(name, setting, plain, into);
  fillDerived(settings, plain, into);
  for (const [name, setting] of Object.entries(settings)) {
    if (!(name in into.values)) continue;
    const problem = setting.check?.(into.values[name], into.values) ?? null;
    if (problem !== null) into.problems.push(`${setting.env} ${problem}`);
  }
  const config = Object.freeze(into.values) as ConfigOf<S>;
  if (options.crossChecks) into.problems.push(...crossProblems(options.crossChecks, config, settings));
  if (into.problems.length > 0) throw new ConfigError(into.problems);
  return config;
}
