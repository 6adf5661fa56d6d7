import { claimDataFolder, dataFolder } from './data-folder.ts';
import { startInfrastructure } from './infrastructure.ts';
import { isStopRequested, stopRequest } from './stop-request.ts';
import { runCommand, tell } from './stop-with-message.ts';

/** `npm run infra`: Kafka and Postgres only; one JSON line when both answer, then until SIGTERM. */
await runCommand(async () => {
  const asked = stopRequest();
  const folder = dataFolder();
  await claimDataFolder(folder, isStopRequested);
  const infra = await Promise.race([startInfrastructure(folder, process.env), asked]);
  // Asked to stop while still starting: the guards of what runs already stop it once this process is gone.
  if (typeof infra === 'string') return 0;
  const { kafkaBrokers, databaseUrl } = infra;
  process.stdout.write(`${JSON.stringify({ kafkaBrokers, databaseUrl })}\n`);
  const failure = await Promise.race([asked.then(() => null), infra.failed]);
  if (failure !== null) tell(failure);
  await infra.stop();
  return failure === null ? 0 : 1;
});
// Handles of servers given by hand, or a closed terminal, must not keep the process.
process.exit();
