import { kernelEnvironment } from './kernel-environment.js';

describe('kernelEnvironment', () => {
  it('puts the name of the directory wherever a value asks for it', () => {
    const volumes = '[{"mountPath":"/mnt/data","subPath":"{workspace}"}]';
    expect(
      kernelEnvironment(
        { KERNEL_USERNAME: 'mntdata', KERNEL_VOLUME_MOUNTS: volumes, BOTH: '{workspace}/{workspace}' },
        'a1$&',
      ),
    ).toEqual({
      KERNEL_USERNAME: 'mntdata',
      KERNEL_VOLUME_MOUNTS: '[{"mountPath":"/mnt/data","subPath":"a1$&"}]',
      BOTH: 'a1$&/a1$&',
    });
  });
});
