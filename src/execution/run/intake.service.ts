import { Inject, Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type { Repository } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { AppConfig } from '../../config/index.js';
import { violatedUnique } from '../../database/index.js';
import { InstanceService } from '../../instance/index.js';
import {
  LeasesService,
  newPlace,
  Workspace,
  workspaceFromRow,
  workspaceOf,
  type Leased,
} from '../../workspaces/index.js';
import { Execution } from '../execution.entity.js';
import { KernelsService, type OfferFate } from '../kernels/kernels.service.js';
import type { ReadyKernel } from '../kernels/ready-kernels.service.js';
import { encodeRequest, requestDigest, type ExecutionRequest } from './execution-request.js';

const IDEMPOTENCY_INDEX = 'executions_idempotency';
const UID_INDEX = 'workspaces_os_uid';
/** How long an idempotency key is remembered. */
const IDEMPOTENCY_HOURS = 24;

export interface Intake {
  executionId: string;
  workspaceId: string;
  workspaceRef: string;
  /** The lease, when the workspace was free and nobody waited for it. */
  leased: Leased | null;
  /** Something is attached to the message that this workspace never had. */
  attachmentsPending: boolean;
}

/** The request was sent before under the same idempotency key. */
export interface Repetition {
  repeats: Execution;
}

/**
 * Opens the workspace, enters the execution into its queue and takes the lease if it is free: all in one
 * statement, because this is what every run waits for. A workspace without a directory takes that of a ready
 * kernel with it.
 */
@Injectable()
export class IntakeService {
  constructor(
    @InjectRepository(Execution) private readonly executions: Repository<Execution>,
    private readonly leases: LeasesService,
    private readonly instance: InstanceService,
    private readonly kernels: KernelsService,
    @Inject(AppConfig) private readonly config: AppConfig,
  ) {}

  /** @param mayStart the execution has a slot: with the lease it runs at once, without it stays queued. */
  async enter(
    userId: string,
    request: ExecutionRequest,
    idempotencyKey: string | null,
    mayStart: boolean,
  ): Promise<Intake | Repetition> {
    for (;;) {
      try {
        return await this.tryEnter(userId, request, idempotencyKey, mayStart);
      } catch (error) {
        const repeats = await this.repeated(error, userId, idempotencyKey);
        if (repeats) return { repeats };
      }
    }
  }

  /** What is to be done about a failed entry: the execution it repeats, null to try again, or the error. */
  private async repeated(
    error: unknown,
    userId: string,
    idempotencyKey: string | null,
  ): Promise<Execution | null> {
    const index = violatedUnique(error);
    if (index === UID_INDEX) return null;
    if (index !== IDEMPOTENCY_INDEX || idempotencyKey === null) throw error;
    return await this.findRepeated(userId, idempotencyKey);
  }

  private async tryEnter(
    userId: string,
    request: ExecutionRequest,
    idempotencyKey: string | null,
    mayStart: boolean,
  ): Promise<Intake> {
    const executionId = uuidv7();
    const freshId = uuidv7();
    const reference = workspaceOf(request, this.config.workspaces.scope, freshId);
    // A run that has to wait first would only keep a ready kernel from others.
    const ready = mayStart ? this.kernels.offerReady({ userId, ...reference }) : null;
    const place = ready ?? newPlace(this.config.engine);
    const row = await this.insert(ready, [
      freshId,
      userId,
      reference.kind,
      reference.externalId,
      request.chatId,
      place.directory,
      place.osUid,
      executionId,
      this.instance.id,
      this.config.workspaces.leaseSeconds,
      request.messageId,
      idempotencyKey,
      requestDigest(request),
      encodeRequest(request),
      mayStart,
    ]);
    const workspace = workspaceFromRow(this.executions.manager.dataSource.getMetadata(Workspace), row);
    if (ready) this.kernels.settleOffer(ready, workspace);
    const leased =
      workspace.leaseHolder === executionId
        ? { workspace, lease: this.leases.hold(workspace.id, executionId, workspace.leaseEpoch) }
        : null;
    const { id: workspaceId, externalId: workspaceRef } = workspace;
    return { executionId, workspaceId, workspaceRef, leased, attachmentsPending: row.attachments_pending };
  }

  private async insert(ready: ReadyKernel | null, values: unknown[]): Promise<IntakeRow> {
    try {
      const [row] = await this.executions.query<[IntakeRow]>(ENTER, values);
      return row;
    } catch (error) {
      if (ready) this.kernels.withdrawOffer(ready, fateOf(error));
      throw error;
    }
  }

  /** The execution under this key; null when the key was too old and is free again now. */
  private async findRepeated(userId: string, idempotencyKey: string): Promise<Execution | null> {
    await this.executions.query(
      `UPDATE executions SET idempotency_key = NULL
        WHERE user_id = $1 AND idempotency_key = $2 AND created_at < now() - $3 * interval '1 hour'`,
      [userId, idempotencyKey, IDEMPOTENCY_HOURS],
    );
    return await this.executions.findOneBy({ userId, idempotencyKey });
  }
}

interface IntakeRow extends Record<string, unknown> {
  attachments_pending: boolean;
}

/** What becomes of a ready kernel whose place a failed statement named; a broken connection tells nothing. */
function fateOf(error: unknown): OfferFate {
  const index = violatedUnique(error);
  if (index === null) return 'unknown';
  return index === IDEMPOTENCY_INDEX ? 'unused' : 'taken';
}

/** A lease is free here only when nobody holds it: one whose time ran out needs its recovery first. */
const FREE = `workspaces.lease_holder IS NULL
  AND NOT EXISTS (SELECT 1 FROM executions e WHERE e.workspace_id = workspaces.id AND e.status = 'queued')`;

/** The workspace was only attached to so far, or cleaned up, or deleted; nothing is to be taken from a holder. */
const UNPLACED = `(workspaces.directory IS NULL AND ${FREE})`;

const ENTER = `
WITH opened AS (
  INSERT INTO workspaces (id, user_id, kind, external_id, chat_id, state, directory, os_uid,
                          lease_holder, lease_owner, lease_epoch, lease_expires_at)
  VALUES ($1, $2, $3, $4, $5, 'active', $6, $7, $8, $9, 1, now() + $10 * interval '1 second')
  ON CONFLICT (user_id, kind, external_id) DO UPDATE SET
    last_used_at = now(),
    chat_id = coalesce(excluded.chat_id, workspaces.chat_id),
    directory = CASE WHEN ${UNPLACED} THEN excluded.directory ELSE workspaces.directory END,
    os_uid = CASE WHEN ${UNPLACED} THEN excluded.os_uid ELSE workspaces.os_uid END,
    state = CASE WHEN ${UNPLACED} AND workspaces.state = 'deleted' THEN 'active' ELSE workspaces.state END,
    lease_holder = CASE WHEN ${FREE} THEN excluded.lease_holder ELSE workspaces.lease_holder END,
    lease_owner = CASE WHEN ${FREE} THEN excluded.lease_owner ELSE workspaces.lease_owner END,
    lease_epoch = CASE WHEN ${FREE} THEN workspaces.lease_epoch + 1 ELSE workspaces.lease_epoch END,
    lease_expires_at = CASE WHEN ${FREE} THEN excluded.lease_expires_at ELSE workspaces.lease_expires_at END
  RETURNING *
), entered AS (
  INSERT INTO executions (id, user_id, workspace_id, workspace_ref, message_id, chat_id, idempotency_key,
                          request_sha256, request, status, owner_id, started_at)
  SELECT $8::uuid, $2, opened.id, opened.external_id, $11, $5, $12, $13::bytea, $14::bytea,
         CASE WHEN starts THEN 'running' ELSE 'queued' END, $9::uuid, CASE WHEN starts THEN now() END
    FROM opened, LATERAL (SELECT opened.lease_holder = $8::uuid AND $15::boolean AS starts) AS decision
  RETURNING 1
)
SELECT opened.*, EXISTS (
         SELECT 1 FROM files f
          WHERE f.user_id = $2 AND f.source = 'attached'
            AND (f.message_id = $11 OR f.chat_id = $5 OR f.workspace_id = opened.id)
            AND NOT EXISTS (SELECT 1 FROM workspace_attachments a
                             WHERE a.workspace_id = opened.id AND a.file_id = f.id)
       ) AS attachments_pending
  FROM opened, entered`;
