/** What the page may ask the registry for. Anything else in the address is dropped. */
const PASSED_ON = ['q', 'state', 'vendor', 'limit', 'cursor'] as const;

export function registryQuery(query: Readonly<Record<string, unknown>>): URLSearchParams {
  const passed = new URLSearchParams();
  for (const name of PASSED_ON) {
    const value = query[name];
    if (typeof value === 'string' && value !== '') passed.set(name, value);
  }
  return passed;
}
