import type { CheckResult, Finding } from '../finding.ts';
import { Unreachable } from '../check-calls.ts';
import { accessFindings } from './access.ts';
import { errorFindings, limitHeaderFinding } from './errors.ts';
import { filterTimeFindings } from './filter-times.ts';
import { filterFindings } from './filters.ts';
import { formFindings } from './forms.ts';
import { hookFindings } from './hooks.ts';
import { OUT_OF_REACH } from './out-of-reach.ts';
import { defaultFindings, pageFindings, undeclaredFinding } from './paging.ts';
import { richest, surveyOf, type Survey } from './survey.ts';
import type { ProvetSubject } from './subject.ts';
import { visibilityFindings } from './visibility.ts';

/** Puts every statement that the reference marks as inferred or unknown to a Provet tenant, as far as reading can. */
export async function checkProvet(subject: ProvetSubject): Promise<CheckResult> {
  await knock(subject);
  const findings: Finding[] = await accessFindings(subject);
  const surveys: Survey[] = [];
  for (const resource of subject.resources) {
    const survey = await surveyOf(subject, resource);
    surveys.push(survey);
    findings.push(...formFindings(survey, subject.host, subject.provetId));
    findings.push(...defaultFindings(subject, survey), ...(await filterFindings(subject, survey)));
  }
  findings.push(...(await visibilityFindings(subject, surveys)));
  const best = richest(surveys);
  if (best !== null) {
    findings.push(...(await pageFindings(subject, best)), await undeclaredFinding(subject, best));
    findings.push(...(await filterTimeFindings(subject, best)));
  }
  findings.push(...(await hookFindings(subject)), ...(await errorFindings(subject, best)), limitHeaderFinding(subject));
  return { findings, outOfReach: OUT_OF_REACH };
}

/** The first call, of a resource that needs no permission: says whether there is anybody to ask. */
async function knock({ calls }: ProvetSubject): Promise<void> {
  const { status } = await calls.send({
    path: 'department/',
    query: 'page_size=1',
    limit: 300,
    budget: 'list department',
  });
  if (status === 401)
    throw new Unreachable(
      'it refuses the token that token-broker has published: see its credential in GET /tenants/{id}',
    );
  if (status === 404)
    throw new Unreachable('everything is answered 404: the tenant has gone, or the host is another one');
  if (status >= 500 || status === 429) throw new Unreachable(`it answers ${status}`);
}
