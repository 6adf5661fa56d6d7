import { isTransient } from '@relay/database';
import { RetryLater } from '@relay/kafka';

/** Runs a handler so that messages wait, without limit and in order, while the database is away. */
export async function retryWhenAway<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (isTransient(error)) throw new RetryLater('the database is away', undefined, { cause: error });
    throw error;
  }
}
