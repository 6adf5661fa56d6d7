import { createHash } from 'node:crypto';
import { OUTCOME_TEXTS, type ConsentOutcome } from './consent-outcomes.js';

const STYLE = `
:root { color-scheme: light dark; --ink: #16302b; --soft: #52655f; --line: #d9e2de; --paper: #fff; --ground: #f3f6f4; --mark: #0b7a5c; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e8efec; --soft: #a9b8b2; --line: #2f3d38; --paper: #18211e; --ground: #0f1513; --mark: #4cc29c; }
}
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1.5rem; background: var(--ground);
  color: var(--ink); font: 1.0625rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
main { width: 100%; max-width: 34rem; padding: 2.25rem; background: var(--paper); border: 1px solid var(--line);
  border-top: 4px solid var(--mark); border-radius: 0.5rem; }
h1 { margin: 0 0 1rem; font-size: 1.5rem; line-height: 1.25; text-wrap: balance; }
p { margin: 0 0 1rem; }
p.next { color: var(--soft); }
footer { margin-top: 1.75rem; padding-top: 1rem; border-top: 1px solid var(--line); color: var(--soft); font-size: 0.875rem; }
`;

/** No script, no picture, no form, nothing from elsewhere: what the page may load is its own style. */
const POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Of every answer here, redirects too: addresses hold secrets that must not travel on in a Referer or lie in a cache. */
export const CONSENT_HEADERS: Readonly<Record<string, string>> = {
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'content-security-policy': POLICY,
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};

/** The page of an outcome. Holds fixed words only: nothing that came with a request can stand in it. */
export function consentPage(outcome: ConsentOutcome): string {
  const { title, text, next } = OUTCOME_TEXTS[outcome];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${title}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${title}</h1>
<p>${text}</p>
<p class="next">${next}</p>
<footer>Practice Relay, the connection between Provet Cloud and the software your practice uses.</footer>
</main>
</body>
</html>
`;
}
