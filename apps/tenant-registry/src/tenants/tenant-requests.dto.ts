import { TENANT_STATES, VENDORS, type TenantState, type Vendor } from '@relay/contracts';
import { Type } from 'class-transformer';
import { IsBoolean, IsIn, IsInt, IsOptional, Max, Min, ValidateBy, ValidateIf } from 'class-validator';
import { isStorableText } from '../persistence/storable-text.js';
import { IsWords, ReasonDto } from '../requests/reason.dto.js';

const LONGEST_NAME = 200;
const MOST_LABELS = 32;
const LONGEST_LABEL = 200;

/** Items of a page when the caller does not say how many. */
export const DEFAULT_LIMIT = 100;

/** A page of a list. */
export class PageDto {
  /** Most items of the answer; 100 when not given. */
  @IsOptional()
  @Type(() => Number)
  @IsInt({ message: 'must be a whole number' })
  @Min(1, { message: 'must be at least 1' })
  @Max(500, { message: 'must be at most 500' })
  limit?: number;

  /** `nextCursor` of the answer before. */
  @IsOptional()
  @IsWords(4096)
  cursor?: string;
}

export class TenantListDto extends PageDto {
  /** Only tenants in this state. */
  @IsOptional()
  @IsIn(TENANT_STATES, { message: `must be one of ${TENANT_STATES.join(', ')}` })
  state?: TenantState;

  /** Only tenants of this vendor. */
  @IsOptional()
  @IsIn(VENDORS, { message: `must be one of ${VENDORS.join(', ')}` })
  vendor?: Vendor;

  /** Part of the tenant id, the external id or the name. */
  @ValidateIf((query: TenantListDto) => query.q !== undefined && query.q !== '')
  @IsWords(LONGEST_NAME)
  q?: string;
}

function IsLabels(): PropertyDecorator {
  return ValidateBy({
    name: 'isLabels',
    validator: {
      validate: areLabels,
      defaultMessage: () =>
        `must be an object of at most ${MOST_LABELS} names with text of at most ${LONGEST_LABEL} characters`,
    },
  });
}

function areLabels(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const entries = Object.entries(value as Record<string, unknown>);
  const fits = (text: unknown): boolean =>
    typeof text === 'string' && text.length <= LONGEST_LABEL && isStorableText(text);
  return entries.length <= MOST_LABELS && entries.every(([name, text]) => name !== '' && fits(name) && fits(text));
}

const givenAndNotNull = (name: 'externalId' | 'displayName') =>
  ValidateIf((body: TenantEditDto) => body[name] !== undefined && body[name] !== null);

/** What the integrator may say about a tenant. Members that are left out stay as they are; null takes a value away. */
export class TenantEditDto {
  /** The integrator's own id of this practice. */
  @givenAndNotNull('externalId')
  @IsWords(LONGEST_NAME)
  externalId?: string | null;

  /** The integrator's name for it; null goes back to the vendor's. */
  @givenAndNotNull('displayName')
  @IsWords(LONGEST_NAME)
  displayName?: string | null;

  /** Replaces all labels. */
  @ValidateIf((body: TenantEditDto) => body.labels !== undefined)
  @IsLabels()
  labels?: Record<string, string>;

  /** Why, for the audit trail. */
  @ValidateIf((body: TenantEditDto) => body.reason !== undefined)
  @IsWords(500)
  reason?: string;
}

export class ConsentLinkDto extends ReasonDto {
  /** The new grant may take the place of one that works; without it, whoever follows the link is told that all is well. */
  @IsOptional()
  @IsBoolean({ message: 'must be true or false' })
  replaceWorkingGrant?: boolean;
}
