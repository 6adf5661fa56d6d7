import { NotFoundException } from '@nestjs/common';
import {
  EXACT_KINDS,
  MODELLED_RESOURCES,
  type ExactKind,
  type ExactPractice,
  type ExactTwin,
  type ProvetTenant,
  type ProvetTwin,
  type ResourceName,
} from '@relay/vendor-twins';

/** Path parameters of the control API: what they name, or 404. */
export function tenantOf(provet: ProvetTwin, id: string): ProvetTenant {
  const tenant = provet.tenants.get(Number(id));
  if (tenant === undefined) throw new NotFoundException();
  return tenant;
}

export function practiceOf(exact: ExactTwin, id: string): ExactPractice {
  const practice = exact.practices.get(id);
  if (practice === undefined) throw new NotFoundException();
  return practice;
}

export function resourceOf(name: string): ResourceName {
  const resource = MODELLED_RESOURCES.find((known) => known === name);
  if (resource === undefined) throw new NotFoundException();
  return resource;
}

export function kindOf(name: string): ExactKind {
  const kind = EXACT_KINDS.find((known) => known === name);
  if (kind === undefined) throw new NotFoundException();
  return kind;
}

export function recordIdOf(text: string): number {
  if (!/^[1-9]\d{0,14}$/.test(text)) throw new NotFoundException();
  return Number(text);
}

/** The value, or 404 where there is none. */
export function found<T>(value: T | null | undefined): T {
  if (value === null || value === undefined) throw new NotFoundException();
  return value;
}
