import { runService } from '@relay/service-kit';
import { tenantRegistry } from './service.js';

await runService(tenantRegistry);
