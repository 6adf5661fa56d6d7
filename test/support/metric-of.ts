import type { ServiceProcess } from '@relay/testing';

/** The sum of a counter's or gauge's series whose labels are at least these, as the service shows it; 0 = it has none. */
export async function metricOf(
  service: ServiceProcess,
  name: string,
  labels: Readonly<Record<string, string>>,
): Promise<number> {
  const text = await (await fetch(`${service.managementUrl}/metrics`)).text();
  const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
  return text
    .split('\n')
    .filter((line) => line.startsWith(`${name}{`) && wanted.every((label) => line.includes(label)))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
}
