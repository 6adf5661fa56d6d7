import type { Connector, ResourceSpec } from '@relay/sync-engine';
import type { PlannedResource, Shape } from './plan.js';

/** The connector with its resources in the shapes of the plan. */
export function shapedConnector(connector: Connector, planned: readonly PlannedResource[]): Connector {
  const shapes = new Map(planned.map(({ name, shape }) => [name, shape]));
  const shaped = Object.create(connector) as Connector;
  const resources = connector.resources.map((spec) => shapedSpec(spec, shapes.get(spec.name) ?? 'ordinary'));
  Object.defineProperty(shaped, 'resources', { value: resources });
  return shaped;
}

function shapedSpec(spec: ResourceSpec, shape: Shape): ResourceSpec {
  switch (shape) {
    case 'ordinary':
      return spec;
    case 'list-only':
      return { ...spec, hasDetail: false };
    case 'no-delta':
      return { ...spec, modifiedMember: null, passes: spec.passes.filter((pass) => pass.reads !== 'changed') };
    case 'unannounced':
      return {
        ...spec,
        hasNotices: false,
        passes: spec.passes.map((pass) => (pass.firstReading ? pass : { ...pass, cause: 'poll' })),
      };
    default:
      return shape satisfies never;
  }
}
