/** Values read so far, by property name. Undefined = absent, or wrong and already reported. */
export type SettingValues = Readonly<Record<string, unknown>>;

/** What every setting says about itself: docs, `.env.example` and the start-up summary come from it. */
export interface SettingInfo {
  readonly env: string;
  /** One sentence for operators. */
  readonly about: string;
  /** Never shown: not in the summary, not in problems, not in logs. */
  readonly secret?: boolean;
  readonly example?: string;
}

export type Parsed<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: string };

/** One declared setting. `T` is the type that code sees in the config object. */
export interface Setting<T> extends SettingInfo {
  readonly kind: string;
  /** Absent = the variable must be given. A function sees the other settings' values. */
  readonly fallback?: T | ((values: SettingValues) => T);
  /** The fallback in words, where it is a function. */
  readonly fallbackText?: string;
  parse(text: string): Parsed<T>;
  /** Rule on a value that has the right form; also between settings. Returns what is wrong, or null. */
  check?(value: T, values: SettingValues): string | null;
  /** How the summary shows it. Default: as JSON; a secret never. */
  show?(value: T): string;
}

export type Settings = Readonly<Record<string, Setting<unknown>>>;
export type ConfigOf<S> = { readonly [K in keyof S]: S[K] extends Setting<infer T> ? T : never };

/** Options that every kind of setting takes. */
export interface SettingOptions<T> extends SettingInfo {
  readonly default?: T | ((values: SettingValues) => T);
  readonly defaultText?: string;
  check?(value: T, values: SettingValues): string | null;
  show?(value: T): string;
}

export const good = <T>(value: T): Parsed<T> => ({ ok: true, value });
export const bad = (problem: string): Parsed<never> => ({ ok: false, problem });

/** Declares the settings of a service. Gives back the same object, with its types kept. */
export function defineSettings<const S extends Settings>(settings: S): S {
  return settings;
}

/** Builds a setting of any kind out of its options and its parser. */
export function settingOf<T>(kind: string, options: SettingOptions<T>, parse: (text: string) => Parsed<T>): Setting<T> {
  const { default: fallback, defaultText, ...info } = options;
  return {
    ...info,
    kind,
    parse,
    ...(fallback === undefined ? {} : { fallback }),
    ...(defaultText === undefined ? {} : { fallbackText: defaultText }),
  };
}
