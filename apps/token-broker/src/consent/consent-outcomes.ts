/** How a step of a consent can end, other than by sending the browser on to the vendor. Words stand in addresses and metrics. */
export const CONSENT_OUTCOMES = [
  'connected',
  'refused',
  'link-unknown',
  'link-used',
  'link-expired',
  'visit-unknown',
  'visit-used',
  'visit-expired',
  'other-browser',
  'already-connected',
  'nothing-to-consent',
  'redirect-mismatch',
  'setup-incomplete',
  'vendor-error',
  'answer-not-genuine',
  'vendor-away',
  'failed',
] as const;
export type ConsentOutcome = (typeof CONSENT_OUTCOMES)[number];

interface OutcomeText {
  readonly status: number;
  readonly title: string;
  readonly text: string;
  /** What the reader does now. */
  readonly next: string;
}

const OPEN_LINK_AGAIN = 'Open the link in your invitation again. It still works.';
const ASK_FOR_LINK = 'Ask whoever sent you the invitation for a new link.';
const TELL_SENDER = 'Tell whoever sent you the invitation, with the words in bold above. They can put it right.';

/** For the manager of a practice, who knows neither the relay nor OAuth. */
export const OUTCOME_TEXTS: Readonly<Record<ConsentOutcome, OutcomeText>> = {
  connected: {
    status: 200,
    title: 'Your practice is being connected',
    text: 'Thank you. Provet Cloud has confirmed your consent, and the connection is checked now. That takes about a minute.',
    next: 'You can close this page. The consent belongs to your own Provet Cloud account: when that account is closed, a colleague has to consent again.',
  },
  refused: {
    status: 200,
    title: 'Nothing was connected',
    text: 'Consent was declined in Provet Cloud, so nothing has changed for your practice.',
    next: 'If that was by mistake, open the link in your invitation again. It still works.',
  },
  'link-unknown': {
    status: 404,
    title: 'This link is not known',
    text: 'The address may have been cut off in the e-mail, or the invitation was withdrawn.',
    next: 'Copy the whole link into the address bar. If that does not help, ask whoever sent it for a new one.',
  },
  'link-used': {
    status: 410,
    title: 'This link has been used',
    text: 'Each invitation works once, and somebody has already consented with this one.',
    next: 'If that was you or a colleague, all is well. If not, tell whoever sent you the invitation.',
  },
  'link-expired': {
    status: 410,
    title: 'This link has expired',
    text: 'An invitation is good for seven days.',
    next: ASK_FOR_LINK,
  },
  'visit-unknown': {
    status: 400,
    title: 'This page cannot be opened by itself',
    text: 'It belongs to a visit to Provet Cloud that is not under way here.',
    next: OPEN_LINK_AGAIN,
  },
  'visit-used': {
    status: 400,
    title: 'This answer was already received',
    text: 'The page was perhaps loaded twice. The first time counts.',
    next: 'If you have not seen a confirmation, open the link in your invitation again.',
  },
  'visit-expired': {
    status: 400,
    title: 'That took too long',
    text: 'For your safety, a visit to Provet Cloud has to be finished within ten minutes.',
    next: OPEN_LINK_AGAIN,
  },
  'other-browser': {
    status: 403,
    title: 'Please stay in one browser',
    text: 'This answer of Provet Cloud belongs to a visit that was begun in another browser, or your browser does not keep cookies.',
    next: 'Open the link in your invitation in this browser and follow it to the end here.',
  },
  'already-connected': {
    status: 409,
    title: 'Your practice is already connected',
    text: 'The connection works, and this invitation does not replace one that works.',
    next: 'There is nothing for you to do.',
  },
  'nothing-to-consent': {
    status: 409,
    title: 'There is nothing to consent to at the moment',
    text: 'Your practice is not waiting for a consent: the integration may have been removed from Provet Cloud or set up anew.',
    next: 'Add the integration in Provet Cloud under Settings, Integrations, or ask whoever sent you the invitation.',
  },
  'redirect-mismatch': {
    status: 409,
    title: 'The integration is not set up completely',
    text: 'Provet Cloud does not have the right return address of this service, and would not send you back here.',
    next: TELL_SENDER,
  },
  'setup-incomplete': {
    status: 409,
    title: 'The integration is not set up completely',
    text: 'What Provet Cloud sent when the integration was added does not hold all that is needed.',
    next: TELL_SENDER,
  },
  'vendor-error': {
    status: 502,
    title: 'Provet Cloud did not complete the consent',
    text: 'It answered with an error. Nothing has changed for your practice.',
    next: 'Open the link in your invitation again. If it happens a second time, tell whoever sent it.',
  },
  'answer-not-genuine': {
    status: 400,
    title: 'This answer could not be trusted',
    text: 'It did not come from the Provet Cloud of your practice as it should, so it was not used. Nothing has changed.',
    next: 'Open the link in your invitation again. If it happens a second time, tell whoever sent it.',
  },
  'vendor-away': {
    status: 503,
    title: 'Provet Cloud does not answer',
    text: 'The consent could not be completed. Nothing has changed for your practice.',
    next: 'Wait a few minutes, then open the link in your invitation again. It still works.',
  },
  failed: {
    status: 500,
    title: 'Something went wrong here',
    text: 'It is our fault, not yours. Nothing has changed for your practice.',
    next: 'Open the link in your invitation again in a few minutes.',
  },
};

export function isConsentOutcome(text: unknown): text is ConsentOutcome {
  return (CONSENT_OUTCOMES as readonly unknown[]).includes(text);
}
