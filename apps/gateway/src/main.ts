import { runService } from '@relay/service-kit';
import { gateway } from './gateway.js';

await runService(gateway);
