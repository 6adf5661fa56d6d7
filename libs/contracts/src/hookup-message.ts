import {
  IsIn,
  IsInt,
  IsString,
  Max,
  MaxLength,
  Min,
  MinLength,
  ValidateBy,
  ValidateIf,
  validateSync,
  type ValidationOptions,
} from 'class-validator';
import { checkHookupUrls, type HookupUrlRules, type MemberProblem } from './hookup-urls.js';
import { credentialIdOf, hostOf, provetTenantId } from './tenant-id.js';
import type { Grant, HookupValue } from './values.js';

/** Both published spellings of the grant, and the one that the relay uses inside. */
const GRANT_SPELLINGS: Readonly<Record<string, Grant>> = {
  client_credentials: 'client_credentials',
  'client-credentials': 'client_credentials',
  authorization_code: 'authorization_code',
  'authorization-code': 'authorization_code',
};

const MAX_CLIENT_ID = 512;
const MAX_URL = 2048;

/** A member that must be there but may be null. */
const OrNull = () => ValidateIf((_message, value) => value !== null);

/** NUL cannot be stored as text by every database, and half a surrogate pair cannot be written as UTF-8. */
function IsStorableText(options?: ValidationOptions): PropertyDecorator {
  return ValidateBy(
    {
      name: 'isStorableText',
      validator: {
        validate: (value: unknown) => typeof value === 'string' && value.isWellFormed() && !value.includes('\u0000'),
        defaultMessage: () => 'must be text without NUL characters or broken surrogates',
      },
    },
    options,
  );
}

/**
 * The ten members of Provet's registration message. All must be present; null only where the vendor's own schema allows
 * it. Members that are not named here are tolerated and carried on.
 */
export class HookupMessage {
  @IsInt({ message: 'must be an integer of at least 1' })
  @Min(1, { message: 'must be an integer of at least 1' })
  @Max(Number.MAX_SAFE_INTEGER, { message: 'is too large' })
  provet_id!: number;

  @IsString({ message: 'must be a string' })
  @MinLength(1, { message: 'must not be empty' })
  @MaxLength(MAX_CLIENT_ID, { message: `must have at most ${MAX_CLIENT_ID} characters` })
  @IsStorableText()
  client_id!: string;

  @OrNull()
  @IsString({ message: 'must be a string or null' })
  client_secret!: string | null;

  @OrNull()
  @IsString({ message: 'must be a string or null' })
  algorithm!: string | null;

  @IsIn(Object.keys(GRANT_SPELLINGS), { message: 'must be client_credentials or authorization_code' })
  authorization_grant_type!: string;

  @IsIn(['confidential', 'public'], { message: 'must be confidential or public' })
  client_type!: 'confidential' | 'public';

  @IsString({ message: 'must be a string (space-separated list, may be empty)' })
  redirect_uris!: string;

  @IsString({ message: 'must be an absolute URL' })
  @MaxLength(MAX_URL, { message: 'is too long' })
  token_url!: string;

  @IsString({ message: 'must be an absolute URL' })
  @MaxLength(MAX_URL, { message: 'is too long' })
  authorize_url!: string;

  @OrNull()
  @IsString({ message: 'must be an absolute URL or null' })
  @MaxLength(MAX_URL, { message: 'is too long' })
  openid_autodiscovery_url!: string | null;
}

/** The members' names, in the vendor's order. */
export const HOOKUP_MEMBERS = [
  'provet_id',
  'client_id',
  'client_secret',
  'algorithm',
  'authorization_grant_type',
  'client_type',
  'redirect_uris',
  'token_url',
  'authorize_url',
  'openid_autodiscovery_url',
] as const satisfies readonly (keyof HookupMessage)[];

/** A registration that may be taken in. `clientSecret` is in clear: seal it before it leaves the process. */
export interface AcceptedHookup {
  readonly tenantId: string;
  readonly credentialId: string;
  readonly host: string;
  readonly scheme: 'https' | 'http';
  readonly provetId: number;
  readonly clientId: string;
  /** Null when none was sent; an empty one counts as none. */
  readonly clientSecret: string | null;
  readonly grant: Grant;
  /** The message as received, extra members included, without its secret. */
  readonly registration: Omit<HookupValue['registration'], 'client_secret'>;
}

export type HookupVerdict =
  | { readonly kind: 'accepted'; readonly hookup: AcceptedHookup }
  /** Shape or URL rules are broken: answered 400. */
  | { readonly kind: 'invalid'; readonly errors: readonly MemberProblem[] }
  /** Well formed, but a host is not allowed or differs from the others: answered 403. */
  | { readonly kind: 'forbidden-host'; readonly errors: readonly MemberProblem[] };

/** Judges a registration message that came as JSON, by the rules of contract §3. Pure: no look-up is made. */
export function readHookupMessage(body: unknown, rules: HookupUrlRules): HookupVerdict {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    return { kind: 'invalid', errors: [{ member: '', problem: 'must be a JSON object' }] };
  }
  const received = body as Record<string, unknown>;
  const message = pickMembers(received);
  const shape = shapeProblems(message, received);
  const urls = checkHookupUrls(message, new Set(shape.map((error) => error.member)), rules);
  const errors = [...shape, ...urls.invalid].sort((a, b) => position(a.member) - position(b.member));
  if (errors.length > 0) return { kind: 'invalid', errors };
  if (urls.forbidden.length > 0) return { kind: 'forbidden-host', errors: urls.forbidden };
  return { kind: 'accepted', hookup: accepted(message, received) };
}

/** Writes what goes to `hookup.v1`: the same object whether it came by the hookup URL or through an operator. */
export function hookupValueOf(
  hookup: AcceptedHookup,
  sealedSecret: string | null,
  source: HookupValue['source'],
  receivedAt: Date,
): HookupValue {
  return {
    tenantId: hookup.tenantId,
    credentialId: hookup.credentialId,
    host: hookup.host,
    source,
    registration: { ...hookup.registration, client_secret: sealedSecret } as HookupValue['registration'],
    receivedAt: receivedAt.toISOString(),
  };
}

/** The grant of a stored registration; null for a spelling that is not known. */
export function grantOf(spelling: string): Grant | null {
  return Object.hasOwn(GRANT_SPELLINGS, spelling) ? (GRANT_SPELLINGS[spelling] as Grant) : null;
}

/** Copies member by member: a `__proto__` or `constructor` among the extras must not reach the validated object. */
function pickMembers(received: Record<string, unknown>): HookupMessage {
  const message = new HookupMessage();
  for (const member of HOOKUP_MEMBERS) {
    if (Object.hasOwn(received, member)) Object.defineProperty(message, member, property(received[member]));
  }
  return message;
}

function shapeProblems(message: HookupMessage, received: Record<string, unknown>): MemberProblem[] {
  const problems = new Map<string, string>();
  for (const error of validateSync(message, {
    stopAtFirstError: true,
    validationError: { target: false, value: false },
  })) {
    problems.set(error.property, Object.values(error.constraints ?? {})[0] ?? 'is not valid');
  }
  for (const member of HOOKUP_MEMBERS) if (!Object.hasOwn(received, member)) problems.set(member, 'is missing');
  return [...problems].map(([member, problem]) => ({ member, problem }));
}

function accepted(message: HookupMessage, received: Record<string, unknown>): AcceptedHookup {
  const tokenUrl = new URL(message.token_url);
  const host = hostOf(tokenUrl);
  const tenantId = provetTenantId(host, message.provet_id);
  const { client_secret: _secret, ...registration } = received;
  return {
    tenantId,
    credentialId: credentialIdOf(tenantId, message.client_id),
    host,
    scheme: tokenUrl.protocol === 'http:' ? 'http' : 'https',
    provetId: message.provet_id,
    clientId: message.client_id,
    clientSecret: message.client_secret === '' ? null : message.client_secret,
    grant: grantOf(message.authorization_grant_type) as Grant,
    registration,
  };
}

function property(value: unknown): PropertyDescriptor {
  return { value, writable: true, enumerable: true, configurable: true };
}

function position(member: string): number {
  return (HOOKUP_MEMBERS as readonly string[]).indexOf(member);
}
