import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Patch, Post, Put } from '@nestjs/common';
import type { TwinRecord } from '@relay/vendor-twins';
import { CONTROLLED, type Controlled } from './controlled.js';
import { found, kindOf, practiceOf } from './find.js';
import { JsonBody } from './json-body.pipe.js';
import { recordBody } from './schemas.js';

interface ObjectPath {
  readonly practice: string;
  readonly kind: string;
  readonly guid: string;
}

/** The objects of one EXACT practice. Nobody is told of a change: EXACT has no webhooks. */
@Controller('_control/exact/practices/:practice/records')
export class PracticeRecordsController {
  constructor(@Inject(CONTROLLED) private readonly controlled: Controlled) {}

  @Get(':kind')
  list(@Param() path: Omit<ObjectPath, 'guid'>): TwinRecord[] {
    return this.controlled.exact.records(this.practice(path), kindOf(path.kind));
  }

  @Get(':kind/:guid')
  read(@Param() path: ObjectPath): TwinRecord {
    return found(this.controlled.exact.record(this.practice(path), kindOf(path.kind), path.guid));
  }

  @Post(':kind')
  create(@Param() path: Omit<ObjectPath, 'guid'>, @Body(new JsonBody(recordBody)) fields: TwinRecord): TwinRecord {
    return this.controlled.exact.put(this.practice(path), kindOf(path.kind), null, fields);
  }

  @Put(':kind/:guid')
  put(@Param() path: ObjectPath, @Body(new JsonBody(recordBody)) fields: TwinRecord): TwinRecord {
    return this.controlled.exact.put(this.practice(path), kindOf(path.kind), path.guid, fields);
  }

  @Patch(':kind/:guid')
  patch(@Param() path: ObjectPath, @Body(new JsonBody(recordBody)) fields: TwinRecord): TwinRecord {
    this.read(path);
    return this.put(path, fields);
  }

  /** How a patient can be reached: `emailAddresses`, `phoneNumbers`. */
  @Put('patient/:guid/contact-details')
  @HttpCode(204)
  putContact(
    @Param() path: Pick<ObjectPath, 'practice' | 'guid'>,
    @Body(new JsonBody(recordBody)) fields: TwinRecord,
  ): void {
    found(this.controlled.exact.putContact(this.practice(path), path.guid, fields) ? true : null);
  }

  @Delete(':kind/:guid')
  @HttpCode(204)
  remove(@Param() path: ObjectPath): void {
    const gone = this.controlled.exact.remove(this.practice(path), kindOf(path.kind), path.guid);
    found(gone ? true : null);
  }

  private practice(path: { readonly practice: string }): string {
    return practiceOf(this.controlled.exact, path.practice).id;
  }
}
