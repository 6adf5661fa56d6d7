import { runService } from '@relay/service-kit';
import { operatorConsole } from './service.js';

await runService(operatorConsole);
