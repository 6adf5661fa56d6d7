/** What the page may ask the registry for in the list of tenants. */
const OF_TENANTS = ['q', 'state', 'vendor', 'limit', 'cursor'] as const;

/** Members of the page's question that are passed on to the registry. Anything else in the address is dropped. */
export function registryQuery(
  query: Readonly<Record<string, unknown>>,
  passedOn: readonly string[] = OF_TENANTS,
): URLSearchParams {
  const passed = new URLSearchParams();
  for (const name of passedOn) {
    const value = query[name];
    if (typeof value === 'string' && value !== '') passed.set(name, value);
  }
  return passed;
}
