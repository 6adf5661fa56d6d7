import type { CheckAnswer } from '../check-calls.ts';
import { listOf, rowOf, type List, type Row } from './rows.ts';
import type { CheckedResource, ProvetSubject } from './subject.ts';

/** The first looks at one resource: its list without any parameter, and one record in its detail form. */
export interface Survey {
  readonly resource: CheckedResource;
  readonly answer: CheckAnswer;
  readonly list: List | null;
  /** The record of the first row, read by itself. */
  readonly detail: Row | null;
  readonly detailId: string | null;
}

export async function surveyOf(subject: ProvetSubject, resource: CheckedResource): Promise<Survey> {
  const answer = await readList(subject, resource);
  const list = listOf(answer);
  const first = list?.rows[0];
  const detailId = first === undefined ? null : subject.connector.recordIdOf(first);
  const detail = detailId === null ? null : rowOf((await readOne(subject, resource, detailId)).json);
  return { resource, answer, list, detail, detailId };
}

export function readList(
  { calls }: ProvetSubject,
  { path, limits }: CheckedResource,
  query?: string,
  weight = 1,
): Promise<CheckAnswer> {
  return calls.send({
    path: `${path}/`,
    limit: limits.list,
    budget: `list ${path}`,
    weight,
    ...(query === undefined ? {} : { query }),
  });
}

export function readOne(
  { calls }: ProvetSubject,
  { path, limits }: CheckedResource,
  id: string,
  query?: string,
): Promise<CheckAnswer> {
  return calls.send({
    path: `${path}/${encodeURIComponent(id)}/`,
    limit: limits.read ?? limits.list,
    budget: `read ${path}`,
    ...(query === undefined ? {} : { query }),
  });
}

/** Of the resources that can be read the one with the highest list limit: it bears the questions that are asked once. */
export function richest(surveys: readonly Survey[]): (Survey & { readonly list: List }) | null {
  const readable = surveys.filter(
    (one): one is Survey & { list: List } => one.list !== null && one.list.rows.length > 0,
  );
  return readable.reduce<(Survey & { readonly list: List }) | null>(
    (best, one) => (best === null || one.resource.limits.list > best.resource.limits.list ? one : best),
    null,
  );
}
