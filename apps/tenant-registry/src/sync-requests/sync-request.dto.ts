import { MOST_RECORD_IDS } from '@relay/contracts';
import { ArrayMaxSize, ArrayMinSize, IsArray, IsISO8601, IsOptional } from 'class-validator';
import { IsWords } from '../requests/reason.dto.js';

const LONGEST_NAME = 200;
const LONGEST_REASON = 500;

/** Why, for the audit trail. */
export class MaybeReasonDto {
  /** In your own words, for whoever asks later. */
  @IsOptional()
  @IsWords(LONGEST_REASON)
  reason?: string;
}

/** Which resource is meant; without one all that are enabled. */
export class ResourceDto extends MaybeReasonDto {
  /** As in the names of topics. */
  @IsOptional()
  @IsWords(LONGEST_NAME)
  resource?: string;
}

/** Which records are meant; what is left out does not narrow them. */
export class RecordsDto extends ResourceDto {
  /** Only these records of the resource. */
  @IsOptional()
  @IsArray({ message: 'must be a list of record ids' })
  @ArrayMinSize(1, { message: 'must name at least one record' })
  @ArrayMaxSize(MOST_RECORD_IDS, {
    message: `must name at most ${MOST_RECORD_IDS} records: leave it out to mean all, or send several requests`,
  })
  @IsWords(LONGEST_NAME, { each: true, message: 'must be a list of texts' })
  recordIds?: string[];

  /** Only those last changed at or after this instant. */
  @IsOptional()
  @IsISO8601({ strict: true, strictSeparator: true }, { message: 'must be an ISO 8601 instant' })
  from?: string;

  /** Only those last changed before this instant. */
  @IsOptional()
  @IsISO8601({ strict: true, strictSeparator: true }, { message: 'must be an ISO 8601 instant' })
  to?: string;
}
