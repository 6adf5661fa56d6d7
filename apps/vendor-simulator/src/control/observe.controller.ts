import { Body, Controller, Delete, Get, HttpCode, Inject, Patch, Query } from '@nestjs/common';
import { CONTROLLED, type Controlled } from './controlled.js';
import { JsonBody } from './json-body.pipe.js';
import {
  deliveriesQuery,
  lifeBody,
  requestsQuery,
  type DeliveriesQuery,
  type LifeBody,
  type RequestsQuery,
} from './schemas.js';

/** Looking at what happened, and the pace at which things happen by themselves. */
@Controller('_control')
export class ObserveController {
  constructor(@Inject(CONTROLLED) private readonly controlled: Controlled) {}

  @Get()
  overview(): object {
    const { provet, exact, life } = this.controlled;
    return {
      tenants: [...provet.tenants.keys()].slice(0, 100),
      tenantCount: provet.tenants.size,
      practices: [...exact.practices.keys()].slice(0, 100),
      practiceCount: exact.practices.size,
      provet: provet.origin,
      exact: exact.origin,
      life: { running: life.running, seconds: life.seconds },
      unfinishedWebhooks: provet.deliveries.unfinished,
    };
  }

  @Get('requests')
  requests(@Query(new JsonBody(requestsQuery)) query: RequestsQuery): object {
    const { requests } = query.vendor === 'exact' ? this.controlled.exact : this.controlled.provet;
    const list = requests.list(new RegExp(query.match ?? '.'), query.after);
    return {
      count: list.length,
      last: requests.last,
      counters: requests.counters,
      requests: list.slice(-(query.limit ?? 200)),
    };
  }

  @Delete('requests')
  @HttpCode(204)
  forgetRequests(): void {
    this.controlled.provet.requests.clear();
    this.controlled.exact.requests.clear();
  }

  @Get('changes')
  changes(@Query(new JsonBody(requestsQuery)) query: RequestsQuery): object {
    const { changes } = query.vendor === 'exact' ? this.controlled.exact : this.controlled.provet;
    const list = changes.since(query.after);
    return { count: list.length, last: changes.total, changes: list.slice(-(query.limit ?? 1000)) };
  }

  @Get('deliveries')
  deliveries(@Query(new JsonBody(deliveriesQuery)) query: DeliveriesQuery): object {
    const { deliveries } = this.controlled.provet;
    const { outcome: _any, ...whose } = query;
    return {
      unfinished: deliveries.unfinished,
      tally: deliveries.tally(whose),
      deliveries: deliveries.notes(query),
    };
  }

  @Patch('life')
  life(@Body(new JsonBody(lifeBody)) body: LifeBody): object {
    const { life, provet, exact } = this.controlled;
    for (let step = 0; step < (body.steps ?? 0); step++) {
      provet.live();
      exact.live();
    }
    if (body.running === false) life.stop();
    else if (body.running === true || body.seconds !== undefined) life.start((body.seconds ?? life.seconds) * 1000);
    return { running: life.running, seconds: life.seconds };
  }
}
