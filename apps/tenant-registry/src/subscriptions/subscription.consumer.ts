import { Controller } from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';
import type { PracticeDetailsValue, SubscriptionListValue } from '@relay/contracts';
import type { Received } from '@relay/kafka';
import { Metrics, faultPoint } from '@relay/service-kit';
import { RegistryChanges } from '../changes/registry-changes.js';
import { applyDetails } from './apply-details.js';
import { applyListing } from './apply-listing.js';

/** Reads what exact-sync finds out: `subscription-list.v1`, one whole answer a message, and `practice-details.v1`. */
@Controller()
export class SubscriptionConsumer {
  private readonly listings;

  constructor(
    private readonly changes: RegistryChanges,
    metrics: Metrics,
  ) {
    this.listings = metrics.counter({
      name: 'relay_registry_listings_total',
      help: 'Listings of EXACT subscriptions by what became of them',
      labelNames: ['outcome'],
    });
  }

  @EventPattern<string>('subscription-list.v1')
  async onListing(@Payload() { value }: Received<SubscriptionListValue>): Promise<void> {
    if (value === null) return;
    const outcome = await this.changes.run((set) => applyListing(set, value));
    this.listings.inc({ outcome });
    await faultPoint('tenant-registry:after-listing');
  }

  @EventPattern<string>('practice-details.v1')
  async onDetails(@Payload() { value }: Received<PracticeDetailsValue>): Promise<void> {
    if (value !== null) await this.changes.run((set) => applyDetails(set, value));
  }
}
