/** Asks again until it is so; jest's own time limit ends a wait that is in vain. */
export async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition()));
}
