const MOUNT_IT =
  'Each kernel must have the directory of its workspace there, see docs/gateway.md; PATH_MODE=translated does without.';

/** What the probe says of a kernel's answer, for an admin; null when the kernel read what the service wrote. */
export function probeFinding(answer: string, secret: string): string | null {
  if (answer.includes(secret)) return null;
  const said = `It said: ${answer.slice(0, 500)}`;
  if (/FileNotFoundError.*'\/mnt\/data'/.test(answer))
    return `A kernel has no /mnt/data. ${MOUNT_IT} ${said}`;
  if (answer.includes('FileNotFoundError')) {
    return `A kernel has something else than its workspace at /mnt/data. ${MOUNT_IT} ${said}`;
  }
  if (/PermissionError|Read-only file system/.test(answer)) {
    return `A kernel may not write to its workspace: it is mounted read-only, or kernels run as a user that neither owns it nor is root. ${said}`;
  }
  return `A kernel does not see what the service wrote to its workspace. ${said}`;
}
