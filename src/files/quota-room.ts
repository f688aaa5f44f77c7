/** What a user may still store; `Infinity` where no quota is set. */
export class QuotaRoom {
  constructor(
    private files: number,
    private bytes: number,
  ) {}

  /** Takes the place of one more file of so many bytes; false, and nothing taken, where it does not fit. */
  take(bytes: number): boolean {
    if (this.files < 1 || this.bytes < bytes) return false;
    this.files -= 1;
    this.bytes -= bytes;
    return true;
  }
}
