import type { PipeTransform } from '@nestjs/common';
import { Problem } from '@relay/service-kit';
import { z } from 'zod';

/** Reads a body or query of the control API by its schema; 400 names every member that is wrong. An empty body is `{}`. */
export class JsonBody<T> implements PipeTransform<unknown, T> {
  constructor(private readonly schema: z.ZodType<T>) {}

  transform(value: unknown): T {
    const read = this.schema.safeParse(typeof value === 'string' ? parsed(value) : (value ?? {}));
    if (read.success) return read.data;
    throw new Problem(400, {
      code: 'bad-request',
      detail: 'the body does not have the form that this address wants',
      extra: { problems: read.error.issues.map(({ path, message }) => `${path.join('.') || '(body)'}: ${message}`) },
    });
  }
}

function parsed(text: string): unknown {
  if (text === '') return {};
  try {
    return JSON.parse(text);
  } catch {
    throw new Problem(400, { code: 'bad-request', detail: 'the body is not JSON' });
  }
}
