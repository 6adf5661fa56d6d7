import 'reflect-metadata';
import { runService } from '@relay/service-kit';
import { exactSync } from './exact-sync.service-definition.js';

await runService(exactSync);
