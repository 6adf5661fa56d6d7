import { Unreachable } from '../check-calls.ts';
import type { CheckResult, Finding } from '../finding.ts';
import { accessFindings, headerFindings } from './access.ts';
import { detailsFindings } from './details.ts';
import { listFindings } from './lists.ts';
import { OUT_OF_REACH } from './out-of-reach.ts';
import { ask, pathOf, type ExactSubject } from './subject.ts';

/** Puts every statement that the reference marks as inferred or unknown to an EXACT practice, as far as reading can. */
export async function checkExact(subject: ExactSubject): Promise<CheckResult> {
  await knock(subject);
  const findings: Finding[] = [...(await accessFindings(subject)), ...(await detailsFindings(subject))];
  for (const resource of subject.resources) {
    if (resource.reads !== 'practice') findings.push(...(await listFindings(subject, resource)));
  }
  const calls = subject.resources.map(({ name }) => subject.callsFor(name)).filter((one) => one !== null);
  findings.push(...headerFindings([subject.base, ...calls]));
  return { findings, outOfReach: OUT_OF_REACH };
}

/** The first call says whether there is anybody to ask. */
async function knock(subject: ExactSubject): Promise<void> {
  const { status } = await ask(subject.base, pathOf(subject, 'details'));
  if (status === 401) {
    throw new Unreachable('the token that token-broker has published is refused: see credentials in GET /tenants/{id}');
  }
  if (status === 403) throw new Unreachable('it has no active subscription, or practice.get is not granted (403)');
  if (status === 404) throw new Unreachable('the vendor does not know it (404): is it of the other environment?');
  if (status >= 500 || status === 429) throw new Unreachable(`the gateway answers ${status}`);
}
