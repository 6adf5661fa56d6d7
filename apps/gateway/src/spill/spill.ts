import { Inject, Injectable } from '@nestjs/common';
import { Log, Metrics } from '@relay/service-kit';
import { insertSpilled, type SpilledMessage } from '../persistence/spill-rows.js';
import { SpillDatabase } from './spill-database.js';
import { inTime } from './in-time.js';

/** Together with the time that Kafka was given, a sender still gets its answer within ten seconds. */
const DEADLINE_MS = 3000;
/** Far more practices than a relay has; a registration that is repeated in a loop must not fill a disk. */
const MOST_ROWS = 10_000;

/** Where registrations wait, in Postgres, while Kafka does not take them. */
@Injectable()
export class Spill {
  private readonly spilledTotal;

  constructor(
    @Inject(SpillDatabase) private readonly databases: SpillDatabase,
    @Inject(Log) private readonly log: Log,
    @Inject(Metrics) metrics: Metrics,
  ) {
    this.spilledTotal = metrics.counter({
      name: 'relay_gateway_spilled_total',
      help: 'Registrations that went to the spill since Kafka did not take them',
      labelNames: [],
    });
  }

  /**
   * True once the registration is committed. After false it may still be committed late: the sender's retry then makes a
   * duplicate, which every reader tolerates.
   */
  async take(message: SpilledMessage): Promise<boolean> {
    const { database } = this.databases;
    if (database === null) return false;
    try {
      if (!(await inTime(insertSpilled(database, message, MOST_ROWS), DEADLINE_MS))) {
        this.log.error({ limit: MOST_ROWS }, 'the spill is full');
        return false;
      }
    } catch (error) {
      this.log.warn({ err: error }, 'not taken in: the spill did not answer in time');
      return false;
    }
    const { tenantId, credentialId } = message.value;
    this.spilledTotal.inc();
    this.log.warn({ tenantId, credentialId }, 'registration waits in the spill until Kafka is back');
    return true;
  }
}
