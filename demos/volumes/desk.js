// What the parts of this page share: the shape as the visitor has changed it, the heat in it, the crosshair, and from where it is seen.
const desk = (window.wl_volumes ??= {
  hub: new EventTarget(), N: 64, key: null, given: null, shape: null, heat: null, millimetres: 1, strokes: [],
  cross: [32, 32, 32], window: { side: 64, low: [0, 0, 0] }, axis: 1, turn: 0.5, tilt: 0.35, across: 56, middle: [31.5, 31.5, 31.5], mode: 'look', radius: 4,
});
const on = (what, act) => desk.hub.addEventListener(what, () => { if (element.isConnected) act(); });
const tell = (what) => desk.hub.dispatchEvent(new Event(what));
const AXES = ['x', 'y', 'z'], BONE = [205, 203, 196];
const bytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
const keep = (value, low, high) => Math.min(high, Math.max(low, value));
const COLOURS = desk.colours ??= bytes(props.colours);

// each frame once, however often it is asked for
const each_frame = (act) => {
  let asked = false;
  return () => { if (!asked) { asked = true; requestAnimationFrame(() => { asked = false; if (element.isConnected) act(); }); } };
};

// a volume as the server hands it over: a bit for each voxel, the first one lowest in its byte
const unpacked = (text, n) => {
  const packed = bytes(text), occupied = new Uint8Array(n);
  for (let i = 0; i < n; i++) occupied[i] = (packed[i >> 3] >> (i & 7)) & 1;
  return occupied;
};
// balls that were bitten off (0) or filled in (1), one after another: every voxel whose middle lies within the radius
const rubbed = (occupied, strokes, N) => {
  const left = Uint8Array.from(occupied);
  for (const [x, y, z, r, fill] of strokes) {
    const [from, to] = [[x, y, z].map((a) => Math.max(0, Math.ceil(a - r))), [x, y, z].map((a) => Math.min(N - 1, Math.floor(a + r)))];
    for (let k = from[2]; k <= to[2]; k++) for (let j = from[1]; j <= to[1]; j++) for (let i = from[0]; i <= to[0]; i++) {
      if ((i - x) ** 2 + (j - y) ** 2 + (k - z) ** 2 <= r * r) left[(k * N + j) * N + i] = fill;
    }
  }
  return left;
};
const reshape = () => {
  desk.shape = shape_of(rubbed(desk.given, desk.strokes, desk.N), desk.N);
  tell('shape');
};
const look_at = (cross) => { desk.cross = cross.map((a) => keep(Math.round(a), 0, desk.N - 1)); tell('cross'); };

// the voxel of the shape that is nearest to its middle; and the one that is hottest
const middle_of = ({ N, occupied, voxels }) => {
  const sum = [0, 0, 0];
  let nearest = null, least = Infinity;
  const each = (act) => { for (let z = 0, i = 0; z < N; z++) for (let y = 0; y < N; y++) for (let x = 0; x < N; x++, i++) if (occupied[i]) act(x, y, z); };
  each((x, y, z) => { sum[0] += x; sum[1] += y; sum[2] += z; });
  each((x, y, z) => {
    const far = (x - sum[0] / voxels) ** 2 + (y - sum[1] / voxels) ** 2 + (z - sum[2] / voxels) ** 2;
    if (far < least) { least = far; nearest = [x, y, z]; }
  });
  return nearest ?? [N >> 1, N >> 1, N >> 1];
};
// the part of the cube that slices show: a square around the shape as it was given, with room to fill in
const window_of = ({ N, low, high }) => {
  const side = Math.min(N, Math.max(...high.map((at, a) => at - low[a] + 1)) + 6);
  return { side, low: low.map((at, a) => keep(Math.round((at + high[a] + 1 - side) / 2), 0, N - side)) };
};

// how much heat each slice across an axis holds, of the voxels that are there
const heat_by_slice = (axis) => {
  const { N, occupied } = desk.shape, sum = new Float64Array(N);
  for (let z = 0, i = 0; z < N; z++) for (let y = 0; y < N; y++) for (let x = 0; x < N; x++, i++) {
    if (occupied[i]) sum[axis === 0 ? x : axis === 1 ? y : z] += desk.heat ? Math.max(0, heat_at(desk.heat, N, x, y, z)) : 1;
  }
  return sum;
};
