import type { ConfigOf, Setting, Settings } from './setting.js';

/** One row of the settings' documentation. */
export interface SettingDescription {
  readonly env: string;
  readonly about: string;
  readonly kind: string;
  readonly required: boolean;
  readonly secret: boolean;
  /** Null when it must be given. Empty: nothing. */
  readonly default: string | null;
  readonly example: string | null;
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (Array.isArray(value)) return value.join(',');
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function defaultOf(setting: Setting<unknown>): string | null {
  if (setting.fallbackText !== undefined) return setting.fallbackText;
  if (setting.fallback === undefined) return null;
  return typeof setting.fallback === 'function' ? 'follows from other settings' : textOf(setting.fallback);
}

/** Everything that the declarations say, for `.env.example` and docs. `defaults` as in `readConfig`. */
export function describeSettings(
  settings: Settings,
  options: { readonly defaults?: Readonly<Record<string, unknown>> } = {},
): SettingDescription[] {
  return Object.entries(settings).map(([name, setting]) => {
    const replaced = options.defaults && name in options.defaults ? textOf(options.defaults[name]) : undefined;
    const fallback = replaced ?? defaultOf(setting);
    return {
      env: setting.env,
      about: setting.about,
      kind: setting.kind,
      required: fallback === null,
      secret: setting.secret ?? false,
      default: fallback,
      example: setting.example ?? null,
    };
  });
}

/** A section of `.env.example`: a service, or what several share. */
export interface EnvSection {
  readonly title: string;
  readonly settings: readonly SettingDescription[];
}

function renderSetting(setting: SettingDescription): string {
  const notes = [setting.kind, ...(setting.secret ? ['secret'] : []), ...(setting.required ? ['required'] : [])];
  const value = setting.required || setting.secret ? (setting.example ?? '') : (setting.default ?? '');
  // What has a default stands commented out, so that a copied file changes nothing by itself.
  return `# ${setting.about} (${notes.join(', ')})\n${setting.required ? '' : '#'}${setting.env}=${value}`;
}

/** The text of `.env.example`. A variable that several sections share is listed in the first only. */
export function renderEnvExample(sections: readonly EnvSection[]): string {
  const seen = new Set<string>();
  const parts: string[] = [];
  for (const section of sections) {
    const fresh = section.settings.filter((setting) => !seen.has(setting.env));
    for (const setting of fresh) seen.add(setting.env);
    if (fresh.length > 0) parts.push(`## ${section.title}\n\n${fresh.map(renderSetting).join('\n\n')}\n`);
  }
  return `# Every variable can also be given as NAME_FILE, the path of a file that holds the value.\n\n${parts.join('\n')}`;
}

/** The start-up summary: `NAME=value` for every setting, secrets only as set or not set. */
export function maskedSummary<const S extends Settings>(settings: S, config: ConfigOf<S>): string[] {
  const values: Readonly<Record<string, unknown>> = config;
  return Object.entries(settings).map(([name, setting]) => `${setting.env}=${shown(setting, values[name])}`);
}

function shown(setting: Setting<unknown>, value: unknown): string {
  if (value === null || value === undefined) return '(not set)';
  if (setting.show) return setting.show(value);
  return setting.secret ? '(set)' : textOf(value);
}

/** Texts of a config that must never be printed: the values of its secret settings and what lies inside them. */
export function secretTexts<const S extends Settings>(settings: S, config: ConfigOf<S>): string[] {
  const values: Readonly<Record<string, unknown>> = config;
  return Object.entries(settings)
    .filter(([, setting]) => setting.secret)
    .flatMap(([name]) => values[name])
    .filter((value) => typeof value === 'string')
    .flatMap((value) => [value, ...partsOf(value)]);
}

/** Key material inside a JSON key set, and the password inside a URL, can turn up alone in a message of a library. */
function partsOf(value: string): string[] {
  if (value.startsWith('{')) {
    return [...value.matchAll(/"(?:d|k|p|q|dp|dq|qi)"\s*:\s*"([^"]+)"/g)].map((match) => match[1] as string);
  }
  const password = URL.parse(value)?.password;
  return password ? [password, decodeURIComponent(password)] : [];
}
