import { z } from 'zod';
import type { GeneratedFile } from './generated-file.ts';

export const SCHEMA_FOLDER = 'docs/schemas';

interface Described {
  /** Topic or part of the record event, with its major version. */
  readonly name: string;
  readonly title: string;
  readonly schema: z.ZodType;
}

/** JSON Schema (draft 2020-12) of every topic's value and of the record event, from the same declarations that services use. */
export async function schemaFiles(): Promise<GeneratedFile[]> {
  const contracts = await import('#contracts');
  const topics = Object.entries(contracts.CONTROL_TOPICS).map(([name, { value }]): Described => ({
    name,
    title: `Value of the topic ${name}`,
    schema: value,
  }));
  const records: Described[] = [
    { name: 'record-event.v1', title: 'Value of a record event', schema: contracts.recordEventValue },
    { name: 'record-event-headers.v1', title: 'Headers of a record event', schema: contracts.recordEventHeaders },
  ];
  return [...topics, ...records].map(schemaFile);
}

export function schemaFile({ name, title, schema }: Described): GeneratedFile {
  const { $schema, ...body } = z.toJSONSchema(schema, { target: 'draft-2020-12', io: 'output' });
  const document = { $schema, $id: schemaId(name), title, ...body };
  return { path: `${SCHEMA_FOLDER}/${name}.json`, text: `${JSON.stringify(document, null, 2)}\n` };
}

/** `record-event.v1` → `urn:practice-relay:schema:record-event:v1`. */
export function schemaId(name: string): string {
  return `urn:practice-relay:schema:${name.replace(/\.(v\d+)$/, ':$1')}`;
}
