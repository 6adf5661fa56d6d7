import { IsOptional, ValidateBy } from 'class-validator';
import { IsWords } from '../requests/reason.dto.js';
import { PageDto } from '../tenants/tenant-requests.dto.js';

/** A date, or an instant with its zone: without one nobody can tell which hour is meant. */
const INSTANT = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d))?$/;
const LONGEST = 600;

function IsInstant(): PropertyDecorator {
  return ValidateBy({
    name: 'isInstant',
    validator: {
      validate: (value: unknown) =>
        typeof value === 'string' && INSTANT.test(value) && !Number.isNaN(Date.parse(value)),
      defaultMessage: () => 'must be an ISO 8601 date, or an instant with its zone (2026-01-31T12:00:00Z)',
    },
  });
}

export class AuditListDto extends PageDto {
  /** Only what was done to this tenant. */
  @IsOptional()
  @IsWords(LONGEST)
  tenantId?: string;

  /** Only what this one did: `operator:<name>`, `service:<name>` or `person:<name>`. */
  @IsOptional()
  @IsWords(LONGEST)
  actor?: string;

  /** Only this kind of act, for example `withdraw`. */
  @IsOptional()
  @IsWords(LONGEST)
  action?: string;

  /** From this date or instant on. */
  @IsOptional()
  @IsInstant()
  from?: string;

  /** Before this date or instant. */
  @IsOptional()
  @IsInstant()
  to?: string;
}
