import { KafkaSendError, type Outgoing, type RelayKafka } from '@relay/kafka';
import { Problem } from '@relay/service-kit';

/** As long as the gateway waits for the same thing. */
const SEND_DEADLINE_MS = 5_000;

/** Sends what somebody waits for. Throws a 503 that says `refusal` when Kafka does not take it in time: they must ask again. */
export async function sendInTime(kafka: RelayKafka, message: Outgoing, refusal: string): Promise<void> {
  try {
    await kafka.producer('control').send(message, { deadlineMs: SEND_DEADLINE_MS });
  } catch (error) {
    if (!(error instanceof KafkaSendError)) throw error;
    throw new Problem(503, { code: 'kafka-unavailable', detail: refusal, headers: { 'retry-after': '5' } });
  }
}
