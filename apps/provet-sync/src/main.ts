import 'reflect-metadata';
import { runService } from '@relay/service-kit';
import { provetSync } from './provet-sync.service-definition.js';

await runService(provetSync);
