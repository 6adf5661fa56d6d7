interface RoutedRequest {
  readonly is404?: boolean;
  readonly routeOptions?: { readonly url?: string | undefined };
}

/** `/hookup/provet/{secret}` for a matched request, undefined for one that no route matches. */
export function routeTemplate(request: RoutedRequest): string | undefined {
  if (request.is404) return undefined;
  return request.routeOptions?.url?.replace(/:([A-Za-z0-9_]+)(\([^)]*\))?/g, '{$1}');
}
