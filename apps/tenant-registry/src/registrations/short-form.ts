import { grantOf } from '@relay/contracts';
import { invalidRequest, type MemberProblem } from '../requests/invalid-request.js';

/** What an operator copies from Provet's settings page, instead of the whole registration message. */
const MEMBERS = ['apiUrl', 'clientId', 'clientSecret', 'grant'] as const;
type Member = (typeof MEMBERS)[number];

const API_PATH = /^\/([1-9]\d{0,15})\/api\/0\.1\/?$/;
const API_FORM = 'must look like https://<host>/<provet_id>/api/0.1/, as the settings page of Provet shows it';
/** Members of the message that come out of a member of the short form, to name the one that was written. */
const WRITTEN_AS: Readonly<Record<string, Member>> = {
  provet_id: 'apiUrl',
  token_url: 'apiUrl',
  authorize_url: 'apiUrl',
  client_id: 'clientId',
  client_secret: 'clientSecret',
  authorization_grant_type: 'grant',
};

export function isShortForm(body: unknown): body is Record<string, unknown> {
  return typeof body === 'object' && body !== null && Object.hasOwn(body, 'apiUrl');
}

/**
 * The registration message that the short form stands for. All of the vendor's addresses follow from the one of its API.
 * The vendor's settings decide which address consent comes back to: ours is taken to be entered there.
 * Throws a 400 that names every bad member.
 */
export function expandShortForm(body: Readonly<Record<string, unknown>>, callbackUrl: string): Record<string, unknown> {
  const errors: MemberProblem[] = [];
  const refuse = (member: string, problem: string): void => void errors.push({ member, problem });
  for (const member of MEMBERS) if (!Object.hasOwn(body, member)) refuse(member, 'is missing');
  const isKnown = (member: string): boolean => (MEMBERS as readonly string[]).includes(member);
  for (const member of Object.keys(body)) if (!isKnown(member)) refuse(member, 'is not known here');
  const { apiUrl, clientId, clientSecret, grant } = body as Record<Member, unknown>;
  const api = readApiUrl(apiUrl);
  if (api === null) refuse('apiUrl', API_FORM);
  const known = typeof grant === 'string' ? grantOf(grant) : null;
  if (known === null && grant !== undefined) refuse('grant', 'must be client_credentials or authorization_code');
  if (known === 'client_credentials' && (clientSecret === null || clientSecret === '')) {
    refuse('clientSecret', 'is needed for client_credentials');
  }
  if (errors.length > 0 || api === null) throw invalidRequest(errors);
  return {
    provet_id: api.provetId,
    client_id: clientId,
    client_secret: clientSecret,
    algorithm: null,
    authorization_grant_type: grant,
    client_type: clientSecret === null ? 'public' : 'confidential',
    redirect_uris: known === 'authorization_code' ? callbackUrl : '',
    token_url: `${api.base}/oauth2/token/`,
    authorize_url: `${api.base}/oauth2/authorize/`,
    openid_autodiscovery_url: null,
  };
}

/** What is wrong with the message, in the words of the short form that it was made of. Each member is named once. */
export function asWritten(errors: readonly MemberProblem[]): MemberProblem[] {
  const written = new Map<string, MemberProblem>();
  for (const { member, problem } of errors) {
    const name = WRITTEN_AS[member] ?? member;
    if (!written.has(name)) written.set(name, { member: name, problem });
  }
  return [...written.values()];
}

/** Null for anything else than the address of a tenant's API. What may stand in it is checked with the message. */
function readApiUrl(text: unknown): { base: string; provetId: number } | null {
  if (typeof text !== 'string') return null;
  const url = URL.parse(text.trim());
  if (url === null || url.search !== '' || url.hash !== '' || url.username !== '' || url.password !== '') return null;
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return null;
  const found = API_PATH.exec(url.pathname);
  if (found === null) return null;
  const provetId = Number(found[1]);
  return { base: `${url.origin}/${provetId}`, provetId };
}
