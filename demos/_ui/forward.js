// A net of dense layers in the page, as `forward.py` packs it. `forward` gives an array that its next call overwrites.
const from_half = (bits) => {
  const exponent = (bits >> 10) & 31, fraction = bits & 1023, sign = bits & 32768 ? -1 : 1;
  return sign * (exponent ? 2 ** (exponent - 15) * (1 + fraction / 1024) : 2 ** -14 * (fraction / 1024));
};
const halves = (buffer, start = 0) => Float32Array.from(new Uint16Array(buffer, start), from_half);
const unpack = (buffer) => {
  const length = new DataView(buffer).getUint32(0, true);
  const listed = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length)));
  const numbers = halves(buffer, 4 + length);
  let at = 0;
  const take = (n) => numbers.subarray(at, (at += n));
  return listed.map(({ inputs, outputs, activation }) =>
    ({ inputs, outputs, activation, weight: take(inputs * outputs), bias: take(outputs), y: new Float32Array(outputs) }));
};
const activate = {
  none: (y) => y,
  relu: (y) => (y > 0 ? y : 0),
  tanh: Math.tanh,
  sigmoid: (y) => 1 / (1 + Math.exp(-y)),
};
const forward = (layers, x) => {
  for (const { inputs, outputs, activation, weight, bias, y } of layers) {
    const act = activate[activation];
    for (let o = 0, w = 0; o < outputs; o++, w += inputs) {
      let sum = bias[o];
      for (let i = 0; i < inputs; i++) sum += weight[w + i] * x[i];
      y[o] = act(sum);
    }
    x = y;
  }
  return x;
};
const fetch_net = async (address) => {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`the net could not be fetched (${answer.status})`);
  return unpack(await answer.arrayBuffer());
};
