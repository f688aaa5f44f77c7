export interface ReadyBounds {
  min: number;
  max: number;
}

/**
 * How many kernels shall wait ready. Doubles when a new message found none, since one that waited too few times
 * costs a person 100 ms and one that waits in vain only memory; falls by one for each period in which there were
 * always some left.
 */
export class ReadyDemand {
  private wanted: number;
  private fewestLeft: number;

  constructor(private readonly bounds: ReadyBounds) {
    this.wanted = Math.min(bounds.min, bounds.max);
    this.fewestLeft = this.wanted;
  }

  get target(): number {
    return this.wanted;
  }

  /** A new message took one; so many are left. */
  taken(left: number): void {
    this.fewestLeft = Math.min(this.fewestLeft, left);
  }

  /** A new message found none. */
  missed(): void {
    this.fewestLeft = 0;
    this.wanted = Math.min(this.bounds.max, Math.max(1, this.wanted * 2));
  }

  /** A period is over. */
  relax(): void {
    if (this.fewestLeft > 0) this.wanted = Math.max(this.bounds.min, this.wanted - 1);
    this.wanted = Math.min(this.wanted, this.bounds.max);
    this.fewestLeft = this.wanted;
  }
}
