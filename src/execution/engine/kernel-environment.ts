/** Stands for the name of the workspace's directory in the values of `KERNEL_ENV`. */
const WORKSPACE = '{workspace}';

/**
 * What a gateway gets to know of the kernel that it starts for one workspace. The values come from the
 * configuration and the name is of our making: nothing of a client's gets in.
 */
export function kernelEnvironment(
  configured: Readonly<Record<string, string>>,
  directory: string,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(configured).map(([name, value]) => [name, value.replaceAll(WORKSPACE, () => directory)]),
  );
}
