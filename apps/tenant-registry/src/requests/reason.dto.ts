import { ValidateBy, type ValidationOptions } from 'class-validator';
import { isStorableText } from '../persistence/storable-text.js';

const LONGEST_REASON = 500;

/** Text that says something, is not endless, and can be stored. */
export function IsWords(longest: number, options?: ValidationOptions): PropertyDecorator {
  return ValidateBy(
    {
      name: 'isWords',
      validator: {
        validate: (value: unknown) =>
          typeof value === 'string' && value.trim() !== '' && value.length <= longest && isStorableText(value),
        defaultMessage: () => `must be text of 1 to ${longest} characters`,
      },
    },
    options,
  );
}

/** Why something is done: kept with it in the audit trail. */
export class ReasonDto {
  /** In your own words, for whoever asks later. */
  @IsWords(LONGEST_REASON)
  reason!: string;
}
