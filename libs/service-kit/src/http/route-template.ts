interface RoutedRequest {
  readonly is404?: boolean;
  readonly routeOptions?: { readonly url?: string | undefined };
}

/** Routes are few and fixed; the regular expression is not run for each request. */
const templates = new Map<string, string>();

/** `/hookup/provet/{secret}` for a matched request, undefined for one that no route matches. */
export function routeTemplate(request: RoutedRequest): string | undefined {
  if (request.is404) return undefined;
  const url = request.routeOptions?.url;
  if (url === undefined) return undefined;
  const known = templates.get(url);
  if (known !== undefined) return known;
  const template = url.replace(/:([A-Za-z0-9_]+)(\([^)]*\))?/g, '{$1}');
  templates.set(url, template);
  return template;
}
