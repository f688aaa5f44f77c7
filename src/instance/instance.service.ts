import { Inject, Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type { Repository } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { AppConfig, timerMs } from '../config/index.js';
import { ServiceInstance } from './service-instance.entity.js';

/** Instances not seen for this many lease times are taken for dead. */
const DEAD_AFTER_LEASES = 3;
/** And after so many their rows go: nothing is left then that names them. */
const FORGOTTEN_AFTER_LEASES = 1_000;

/**
 * This life of this process: its id owns leases and executions. `start` announces it, a timer keeps saying
 * that it lives (by the database's clock), so that others can take over what a dead instance left.
 */
@Injectable()
export class InstanceService implements OnApplicationShutdown {
  readonly id = uuidv7();
  private readonly logger = new Logger(InstanceService.name);
  private timer: NodeJS.Timeout | undefined;
  private address: string | null = null;

  constructor(
    @InjectRepository(ServiceInstance) private readonly instances: Repository<ServiceInstance>,
    @Inject(AppConfig) private readonly config: AppConfig,
  ) {}

  /**
   * @param home names the exclusive resource this life holds (the embedded database, the managed engine), so
   *   that earlier lives of the same home are known to be over; null when nothing is held exclusively.
   */
  async start(home: string | null): Promise<void> {
    if (home !== null) await this.instances.delete({ home });
    await this.instances.insert({ id: this.id, home: home ?? this.id });
    const period = timerMs(this.config.workspaces.leaseSeconds / 3);
    this.timer = setInterval(() => void this.beat(), period);
    this.timer.unref();
  }

  /** Tells the other processes where they reach this one, from now on. */
  async listeningAt(address: string): Promise<void> {
    this.address = address;
    await this.instances.update({ id: this.id }, { address });
  }

  /** Where a living instance is reached; null for this one and for one that is dead or does not listen. */
  async addressOf(id: string): Promise<string | null> {
    if (id === this.id) return null;
    const [row] = await this.instances.query<[{ address: string | null }?]>(
      `SELECT address FROM service_instances WHERE id = $1 AND NOT ${this.deadCondition('$1::uuid')}`,
      [id],
    );
    return row?.address ?? null;
  }

  /** Removes the rows of instances that died long ago. */
  async forgetDead(): Promise<void> {
    const seconds = this.config.workspaces.leaseSeconds * FORGOTTEN_AFTER_LEASES;
    await this.instances.query(
      `DELETE FROM service_instances WHERE seen_at < now() - $1 * interval '1 second'`,
      [seconds],
    );
  }

  /** SQL condition on a column that holds an instance id: true when that instance is dead. */
  deadCondition(column: string): string {
    const seconds = this.config.workspaces.leaseSeconds * DEAD_AFTER_LEASES;
    return `NOT EXISTS (SELECT 1 FROM service_instances i WHERE i.id = ${column}
      AND i.seen_at > now() - interval '${String(seconds)} seconds')`;
  }

  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await this.instances.delete({ id: this.id }).catch((error: unknown) => {
      this.logger.warn(`Could not sign this instance off; others will notice in time. ${String(error)}`);
    });
  }

  private async beat(): Promise<void> {
    try {
      await this.instances.query(
        `INSERT INTO service_instances (id, home, address, seen_at) VALUES ($1::uuid, $1::uuid::text, $2, now())
         ON CONFLICT (id) DO UPDATE SET seen_at = now()`,
        [this.id, this.address],
      );
    } catch (error) {
      this.logger.warn(`Could not tell the database that this instance lives. ${String(error)}`);
    }
  }
}
