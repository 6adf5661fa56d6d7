import type { TwinRecord } from '../../json.js';
import { stamp } from '../../times.js';
import { FIRST_NAMES, LAST_NAMES } from '../../words.js';
import { generatedTimes, link, seededFor, type GeneratorContext } from './context.js';

export function generateDepartment(context: GeneratorContext, id: number): TwinRecord {
  return {
    id,
    url: link(context, 'department', id),
    name: `Clinic ${id}`,
    active_item_list: link(context, 'itemlist', 1),
  };
}

export function generateUser(context: GeneratorContext, id: number): TwinRecord {
  const random = seededFor(context, 'user', id);
  const { created } = generatedTimes(context, 'user', id);
  return {
    id,
    url: link(context, 'user', id),
    email: `user${id}@clinic.example`,
    first_name: random.pick(FIRST_NAMES),
    last_name: random.pick(LAST_NAMES),
    is_active: true,
    created: stamp(created, null),
    last_login: null,
    user_details: link(context, 'userdetails', id + 100),
    is_staff: false,
    groups: [link(context, 'usergroup', 1)],
  };
}
