import {
  BadRequestException,
  Body,
  Controller,
  Delete,
  Get,
  Header,
  HttpCode,
  Inject,
  Param,
  Patch,
  Post,
  Put,
  Query,
} from '@nestjs/common';
import { PROVET_RESOURCES, jsonText, type ResourceName, type TwinRecord } from '@relay/vendor-twins';
import { CONTROLLED, type Controlled } from './controlled.js';
import { found, recordIdOf, resourceOf, tenantOf } from './find.js';
import { JsonBody } from './json-body.pipe.js';
import { changeQuery, mergeBody, recordBody, type ChangeQuery } from './schemas.js';

interface RecordPath {
  readonly tenant: string;
  readonly resource: string;
  readonly id: string;
}

/** The records of one Provet tenant, as the twin holds them: changed without token, permission or limit. */
@Controller('_control/provet/tenants/:tenant/records')
export class TenantRecordsController {
  constructor(@Inject(CONTROLLED) private readonly controlled: Controlled) {}

  @Get(':resource')
  ids(@Param() path: Omit<RecordPath, 'id'>): object {
    const ids = this.controlled.provet.ids(this.tenant(path), resourceOf(path.resource));
    return { count: ids.length, ids };
  }

  @Get(':resource/:id')
  @Header('content-type', 'application/json')
  read(@Param() path: RecordPath): string {
    const resource = resourceOf(path.resource);
    const record = this.controlled.provet.record(this.tenant(path), resource, recordIdOf(path.id));
    return text(resource, found(record));
  }

  @Post(':resource')
  @Header('content-type', 'application/json')
  create(
    @Param() path: Omit<RecordPath, 'id'>,
    @Query(new JsonBody(changeQuery)) query: ChangeQuery,
    @Body(new JsonBody(recordBody)) fields: TwinRecord,
  ): string {
    const resource = resourceOf(path.resource);
    return text(resource, this.controlled.provet.put(this.tenant(path), resource, null, fields, query));
  }

  @Post(':resource/merge')
  @Header('content-type', 'application/json')
  merge(
    @Param() path: Omit<RecordPath, 'id'>,
    @Query(new JsonBody(changeQuery)) query: ChangeQuery,
    @Body(new JsonBody(mergeBody)) body: { survivor: number; alias: number; aliasStays?: boolean | undefined },
  ): string {
    const resource = resourceOf(path.resource);
    if (resource !== 'client' && resource !== 'patient') throw new BadRequestException();
    for (const id of [body.survivor, body.alias]) found(this.controlled.provet.record(this.tenant(path), resource, id));
    return text(resource, this.controlled.provet.merge(this.tenant(path), resource, body, query));
  }

  /** Creates the record, or makes all its members anew. */
  @Put(':resource/:id')
  @Header('content-type', 'application/json')
  put(
    @Param() path: RecordPath,
    @Query(new JsonBody(changeQuery)) query: ChangeQuery,
    @Body(new JsonBody(recordBody)) fields: TwinRecord,
  ): string {
    const resource = resourceOf(path.resource);
    const options = { ...query, replace: true };
    return text(
      resource,
      this.controlled.provet.put(this.tenant(path), resource, recordIdOf(path.id), fields, options),
    );
  }

  @Patch(':resource/:id')
  @Header('content-type', 'application/json')
  patch(
    @Param() path: RecordPath,
    @Query(new JsonBody(changeQuery)) query: ChangeQuery,
    @Body(new JsonBody(recordBody)) fields: TwinRecord,
  ): string {
    const resource = resourceOf(path.resource);
    const id = recordIdOf(path.id);
    found(this.controlled.provet.record(this.tenant(path), resource, id));
    return text(resource, this.controlled.provet.put(this.tenant(path), resource, id, fields, query));
  }

  @Delete(':resource/:id')
  @HttpCode(204)
  remove(@Param() path: RecordPath, @Query(new JsonBody(changeQuery)) query: ChangeQuery): void {
    const gone = this.controlled.provet.remove(
      this.tenant(path),
      resourceOf(path.resource),
      recordIdOf(path.id),
      query,
    );
    found(gone ? true : null);
  }

  private tenant(path: { readonly tenant: string }): number {
    return tenantOf(this.controlled.provet, path.tenant).id;
  }
}

/** Numbers spelt as the API spells them. */
function text(resource: ResourceName, record: TwinRecord): string {
  return jsonText(record, PROVET_RESOURCES.get(resource)?.floats);
}
