import { createHash } from 'node:crypto';

const STYLE = `
:root { color-scheme: light dark; }
body { margin: 0 auto; max-width: 34rem; padding: 3rem 1.5rem; font: 1.0625rem/1.55 system-ui, sans-serif; }
h1 { font-size: 1.5rem; line-height: 1.25; text-wrap: balance; }
`;

/** What a person sees when the service behind the consent pages gives no answer. Fixed words; loads nothing. */
export const AWAY_PAGE = page(
  'This page is not available at the moment',
  'The service that completes your consent does not answer. Nothing has changed for your practice.',
  'Wait a few minutes, then open the link in your invitation again. It still works.',
);

/** What a person sees whose address has sent many wrong links. */
export const TOO_MANY_PAGE = page(
  'Too many wrong links',
  'Many links that do not exist were opened from your network within a minute.',
  'Wait a minute, then copy the whole link of your invitation into the address bar.',
);

export const PAGE_HEADERS: Readonly<Record<string, string>> = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'content-security-policy': `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};

function page(title: string, text: string, next: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>${title}</h1>
<p>${text}</p>
<p>${next}</p>
</body>
</html>
`;
}
