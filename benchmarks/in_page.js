// What a benchmark measures inside the page: how long an act takes, and how evenly frames follow a moving pointer.
window.timed = (act, times) => Array.from({ length: times }, (_, i) => {
  const began = performance.now();
  act(i);
  return performance.now() - began;
});
window.frames = () => {
  const at = [];
  let going = true;
  const next = (now) => { at.push(now); if (going) requestAnimationFrame(next); };
  requestAnimationFrame(next);
  return () => { going = false; return at.slice(1).map((t, i) => t - at[i]); };
};
window.measure_garments = (times) => {
  const { layers } = window.wl_latent.net, z = () => [3 * Math.random() - 1.5, 3 * Math.random() - 1.5];
  return timed(() => window.wl_latent.forward(layers, z()), times);
};
window.measure_payments = async ({ fetch_net, score_of, smallest_change }, url, times) => {
  const layers = await fetch_net(url), D = layers[0].inputs, side = [...Array(D).keys()];
  const row = (reach) => Float32Array.from(side, () => reach * (2 * Math.random() - 1));
  const precision = Float32Array.from({ length: D * D }, (_, k) => Number(k % (D + 1) === 0));
  const net = { layers, precision, mean: row(0), normal: Array.from({ length: 1000 }, () => row(1)) };
  return [timed(() => score_of(net, row(6)), times), timed(() => smallest_change(net, row(6), 1), 20)];
};
window.measure_volumes = ({ shape_of, camera_of, draw }, times) => {
  const { shape, heat, colours, N, middle } = window.wl_volumes, cut = { axis: 1, at: window.wl_volumes.cross[1] };
  const drawn = (side) => {
    const data = new Uint8ClampedArray(4 * side * side);
    return timed((i) => draw(data, side, shape, camera_of({ turn: 0.1 * i, tilt: 0.4, across: 56, middle }), { cut, heat, colours }), times);
  };
  return [drawn(160), drawn(256), timed(() => shape_of(Uint8Array.from(shape.occupied), N), times)];
};
