import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Post } from '@nestjs/common';
import type { FaultBook } from '@relay/vendor-twins';
import { CONTROLLED, type Controlled } from './controlled.js';
import { found } from './find.js';
import { JsonBody } from './json-body.pipe.js';
import { faultBody, type FaultBody } from './schemas.js';

/** Faults of either vendor, for some requests or all. */
@Controller('_control/faults')
export class FaultsController {
  constructor(@Inject(CONTROLLED) private readonly controlled: Controlled) {}

  @Get()
  list(): object {
    return { provet: this.controlled.provet.faults.list(), exact: this.controlled.exact.faults.list() };
  }

  @Post()
  plant(@Body(new JsonBody(faultBody)) body: FaultBody): object {
    const { vendor, ...rule } = body;
    return { vendor, id: this.book(vendor).add(rule) };
  }

  @Delete()
  @HttpCode(204)
  clear(): void {
    this.controlled.provet.faults.clear();
    this.controlled.exact.faults.clear();
  }

  @Delete(':vendor/:id')
  @HttpCode(204)
  remove(@Param('vendor') vendor: string, @Param('id') id: string): void {
    found(this.book(vendor).remove(Number(id)) ? true : null);
  }

  private book(vendor: string): FaultBook {
    const { provet, exact } = this.controlled;
    return found(vendor === 'provet' ? provet.faults : vendor === 'exact' ? exact.faults : null);
  }
}
