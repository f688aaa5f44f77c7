import { Gate, GateTimeout, GateWithdrawn } from './gate.js';

const LONG_MS = 60_000;

describe('Gate', () => {
  const gateOf = () => ({ gate: new Gate(), first: {}, second: {}, third: {} });

  it('lets its owner in again at once', async () => {
    const { gate, first } = gateOf();
    await gate.enter(first, LONG_MS);
    await gate.enter(first, LONG_MS);
    expect(gate.owns(first)).toBe(true);
  });

  it('lets others in one by one, in order of arrival', async () => {
    const { gate, first, second, third } = gateOf();
    const order: string[] = [];
    await gate.enter(first, LONG_MS);
    const entered = [
      gate.enter(second, LONG_MS).then(() => order.push('second')),
      gate.enter(third, LONG_MS).then(() => order.push('third')),
    ];
    gate.leave(first);
    await entered[0];
    expect(order).toEqual(['second']);
    expect(gate.owns(second)).toBe(true);
    gate.leave(second);
    await entered[1];
    expect(order).toEqual(['second', 'third']);
  });

  it('ignores the leaving of one who does not own it', async () => {
    const { gate, first, second } = gateOf();
    await gate.enter(first, LONG_MS);
    gate.leave(second);
    expect(gate.owns(first)).toBe(true);
  });

  it('does not let wait for ever, and passes over who has given up', async () => {
    const { gate, first, second, third } = gateOf();
    await gate.enter(first, LONG_MS);
    const inVain = gate.enter(second, 10);
    const patient = gate.enter(third, LONG_MS);
    await expect(inVain).rejects.toBeInstanceOf(GateTimeout);
    gate.leave(first);
    await patient;
    expect(gate.owns(third)).toBe(true);
  });

  it('passes over who has gone', async () => {
    const { gate, first, second, third } = gateOf();
    await gate.enter(first, LONG_MS);
    const gone = gate.enter(second, LONG_MS);
    const patient = gate.enter(third, LONG_MS);
    gate.withdraw(second);
    await expect(gone).rejects.toBeInstanceOf(GateWithdrawn);
    gate.leave(first);
    await patient;
    expect(gate.owns(third)).toBe(true);
  });
});
