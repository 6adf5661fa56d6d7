import { runService } from '@relay/service-kit';
import { tokenBroker } from './token-broker.js';

await runService(tokenBroker);
