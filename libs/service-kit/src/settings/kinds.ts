import { bad, good, settingOf, type Parsed, type Setting, type SettingOptions } from './setting.js';

interface TextLimits {
  /** Shortest length that is accepted. */
  readonly min?: number;
  readonly pattern?: RegExp;
  /** Says in words what `pattern` asks for. */
  readonly patternText?: string;
}
interface NumberLimits {
  readonly min?: number;
  readonly max?: number;
}
interface ListLimits {
  /** Least number of entries. */
  readonly min?: number;
  /** Shortest length of one entry. */
  readonly entryMin?: number;
}
interface UrlLimits {
  /** Protocols with their colon. Default http: and https:. */
  readonly protocols?: readonly string[];
}

function readText(text: string, limits: TextLimits): Parsed<string> {
  if (limits.min !== undefined && text.length < limits.min) return bad(`must have at least ${limits.min} characters`);
  if (limits.pattern && !limits.pattern.test(text)) return bad(limits.patternText ?? `must match ${limits.pattern}`);
  return good(text);
}

function readNumber(text: string, limits: NumberLimits, whole: boolean): Parsed<number> {
  const word = whole ? 'a whole number' : 'a number';
  if (!(whole ? /^[+-]?\d+$/ : /^[+-]?(\d+\.?\d*|\.\d+)$/).test(text.trim())) return bad(`must be ${word}`);
  const value = Number(text);
  if (whole && !Number.isSafeInteger(value)) return bad(`must be ${word} of ordinary size`);
  if (limits.min !== undefined && value < limits.min) return bad(`must be at least ${limits.min}`);
  if (limits.max !== undefined && value > limits.max) return bad(`must be at most ${limits.max}`);
  return good(value);
}

function readFlag(text: string): Parsed<boolean> {
  const word = text.trim().toLowerCase();
  if (word === 'true' || word === 'false') return good(word === 'true');
  return bad('must be true or false');
}

function readList(text: string, limits: ListLimits): Parsed<string[]> {
  const entries = text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
  if (entries.length < (limits.min ?? 1)) return bad('must be a comma-separated list with something in it');
  if (limits.entryMin !== undefined && entries.some((entry) => entry.length < (limits.entryMin as number))) {
    return bad(`must be a comma-separated list whose every entry has at least ${limits.entryMin} characters`);
  }
  return good(entries);
}

/** Accepts a base address; gives it back without a slash at its end, so that paths can be put behind it. */
function readUrl(text: string, limits: UrlLimits): Parsed<string> {
  const protocols = limits.protocols ?? ['http:', 'https:'];
  const url = URL.parse(text.trim());
  const form = protocols.map((protocol) => `${protocol}//`).join(' or ');
  if (!url || !protocols.includes(url.protocol) || url.hostname === '')
    return bad(`must be an address like ${form}host`);
  if (url.username || url.password) return bad('must not hold a user name or password');
  if (url.search || url.hash) return bad('must not have a query or a fragment');
  return good(`${url.origin}${url.pathname}`.replace(/\/+$/, ''));
}

/** The kinds of settings. A setting without `default` that is not an `optional…` must be given. */
export const setting = {
  text: (options: SettingOptions<string> & TextLimits): Setting<string> =>
    settingOf('text', options, (text) => readText(text, options)),
  optionalText: (options: Omit<SettingOptions<string | null>, 'default'> & TextLimits): Setting<string | null> =>
    settingOf<string | null>('text', { ...options, default: null, defaultText: '' }, (text) => readText(text, options)),
  secret: (options: SettingOptions<string> & TextLimits): Setting<string> =>
    settingOf('text', { ...options, secret: true }, (text) => readText(text, options)),
  optionalSecret: (options: Omit<SettingOptions<string | null>, 'default'> & TextLimits): Setting<string | null> =>
    settingOf<string | null>('text', { ...options, secret: true, default: null, defaultText: '' }, (text) =>
      readText(text, options),
    ),
  integer: (options: SettingOptions<number> & NumberLimits): Setting<number> =>
    settingOf('whole number', options, (text) => readNumber(text, options, true)),
  number: (options: SettingOptions<number> & NumberLimits): Setting<number> =>
    settingOf('number', options, (text) => readNumber(text, options, false)),
  /** Whole seconds, at least one: a pace of zero would be a busy loop. */
  seconds: (options: SettingOptions<number> & NumberLimits): Setting<number> =>
    settingOf('seconds', options, (text) => readNumber(text, { min: 1, ...options }, true)),
  port: (options: SettingOptions<number>): Setting<number> =>
    settingOf('port', options, (text) => readNumber(text, { min: 0, max: 65_535 }, true)),
  flag: (options: SettingOptions<boolean>): Setting<boolean> => settingOf('true or false', options, readFlag),
  choice: <const V extends string>(options: SettingOptions<V> & { readonly values: readonly V[] }): Setting<V> =>
    settingOf(options.values.filter((value) => value !== '').join(' | '), options, (text) => {
      const found = options.values.find((value) => value === text.trim());
      return found === undefined
        ? bad(`must be one of ${options.values.filter((v) => v !== '').join(', ')}`)
        : good(found);
    }),
  list: (options: SettingOptions<string[]> & ListLimits): Setting<string[]> =>
    settingOf('comma list', options, (text) => readList(text, options)),
  url: (options: SettingOptions<string> & UrlLimits): Setting<string> =>
    settingOf('URL', options, (text) => readUrl(text, options)),
};
