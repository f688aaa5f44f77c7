import { workspaceUidRange } from './os-user.js';

describe('workspaceUidRange', () => {
  it('lies above people and services where all ids are there', () => {
    expect(workspaceUidRange('         0          0 4294967295\n')).toEqual({
      first: 200_000,
      end: 2_000_000_000,
    });
  });

  it('fits into a container with few ids', () => {
    expect(workspaceUidRange('0 100000 65536\n')).toEqual({ first: 20_000, end: 65_536 });
  });
});
