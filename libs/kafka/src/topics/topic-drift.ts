import type { TopicSpec } from '@relay/contracts';

/** What the broker says of a topic. Config values as the broker prints them. */
export interface TopicState {
  readonly partitions: number;
  readonly config: Readonly<Record<string, string>>;
}

/** Differences between a topic and its specification, in words for a person; empty when there are none. */
export function driftOf(spec: TopicSpec, partitions: number, state: TopicState): string[] {
  const found: string[] = [];
  if (state.partitions !== partitions) {
    found.push(`${spec.name} has ${state.partitions} partitions instead of ${partitions}`);
  }
  for (const [name, expected] of Object.entries(spec.config)) {
    const actual = state.config[name];
    if (actual !== expected) found.push(`${spec.name} has ${name}=${actual ?? '(none)'} instead of ${expected}`);
  }
  return found;
}
