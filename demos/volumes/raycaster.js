// A shape in a cube of N³ voxels, drawn by walking along one ray per pixel: no WebGL, so that it runs wherever a canvas does.
// Places are [x, y, z] in voxels, the middle of the first voxel at 0; the voxel at (z·N + y)·N + x. Up on the picture is +z.

// `shape_of(occupied, N)`: what every ray needs: a smooth density (its surface at LEVEL), and how far the next of it lies.
const LEVEL = 110;  // of 255: a surface just outside the voxels' middles, so that thin sheets stay whole after the blur
const FAINT = 20;  // a ray between two places that are fainter meets no surface
const box_of = (occupied, N) => {  // the first and the last place that a smooth surface can reach, by axis
  const low = [N, N, N], high = [-1, -1, -1];
  let voxels = 0;
  for (let z = 0, i = 0; z < N; z++) for (let y = 0; y < N; y++) for (let x = 0; x < N; x++, i++) {
    if (!occupied[i]) continue;
    voxels++;
    if (x < low[0]) low[0] = x; if (x > high[0]) high[0] = x;
    if (y < low[1]) low[1] = y; if (y > high[1]) high[1] = y;
    if (z < low[2]) low[2] = z; if (z > high[2]) high[2] = z;
  }
  return { low: low.map((at) => Math.max(0, at - 2)), high: high.map((at) => Math.min(N - 1, at + 2)), voxels };
};
const each_in = ({ low, high }, N, act) => {
  for (let z = low[2]; z <= high[2]; z++) for (let y = low[1]; y <= high[1]; y++) {
    for (let x = low[0], i = (z * N + y) * N + x; x <= high[0]; x++, i++) act(i, x, y, z);
  }
};
const blurred = (x_, N, box) => {  // each place ¼, ½, ¼ of its neighbours, along each axis in turn; nothing lies outside
  let from = Float32Array.from(x_), to = new Float32Array(x_.length);
  [1, N, N * N].forEach((step, axis) => {
    each_in(box, N, (i, x, y, z) => {
      const at = axis === 0 ? x : axis === 1 ? y : z;
      to[i] = 0.5 * from[i] + 0.25 * ((at ? from[i - step] : 0) + (at < N - 1 ? from[i + step] : 0));
    });
    [from, to] = [to, from];
  });
  return from;
};
const distances = (density, N, { low, high }) => {  // voxels to the next place near the surface, by the longest axis: two sweeps
  const far = new Uint8Array(density.length).fill(255), nn = N * N;
  const wide = high.map((at, a) => at - low[a] + 1);
  for (const way of [1, -1]) {
    for (let c = 0; c < wide[2]; c++) for (let b = 0; b < wide[1]; b++) for (let a = 0; a < wide[0]; a++) {
      const x = way > 0 ? low[0] + a : high[0] - a, y = way > 0 ? low[1] + b : high[1] - b, z = way > 0 ? low[2] + c : high[2] - c;
      const i = (z * N + y) * N + x;
      if (density[i] >= FAINT) { far[i] = 0; continue; }
      let least = far[i];
      for (let dz = -1; dz <= 0; dz++) for (let dy = -1; dy <= (dz ? 1 : 0); dy++) for (let dx = -1; dx <= (dz || dy ? 1 : -1); dx++) {
        const [j, k, l] = [x + way * dx, y + way * dy, z + way * dz];
        if (j < low[0] || k < low[1] || l < low[2] || j > high[0] || k > high[1] || l > high[2]) continue;
        const next = far[i + way * (dz * nn + dy * N + dx)] + 1;
        if (next < least) least = next;
      }
      far[i] = least;
    }
  }
  return far;
};
const shape_of = (occupied, N) => {
  const box = box_of(occupied, N), density = blurred(occupied.map((on) => (on ? 255 : 0)), N, box);
  return { N, occupied, density, far: distances(density, N, box), ...box };
};

// between the eight places around: of a cube of `n` to a side
const between = (x_, n, x, y, z) => {
  x = x < 0 ? 0 : x > n - 1 ? n - 1 : x; y = y < 0 ? 0 : y > n - 1 ? n - 1 : y; z = z < 0 ? 0 : z > n - 1 ? n - 1 : z;
  const i = Math.min(n - 2, x | 0), j = Math.min(n - 2, y | 0), k = Math.min(n - 2, z | 0);
  const u = x - i, v = y - j, w = z - k, at = (k * n + j) * n + i, nn = n * n;
  const a = x_[at] + u * (x_[at + 1] - x_[at]), b = x_[at + n] + u * (x_[at + n + 1] - x_[at + n]);
  const c = x_[at + nn] + u * (x_[at + nn + 1] - x_[at + nn]), d = x_[at + nn + n] + u * (x_[at + nn + n + 1] - x_[at + nn + n]);
  const near = a + v * (b - a), back = c + v * (d - c);
  return near + w * (back - near);
};
// heat at a place of the shape: of a coarser cube of `heat.n` to a side that covers the same space
const heat_at = (heat, N, x, y, z) => {
  const s = heat.n / N;
  return between(heat.values, heat.n, (x + 0.5) * s - 0.5, (y + 0.5) * s - 0.5, (z + 0.5) * s - 0.5);
};

// from where it is seen: `turn` about the upright and `tilt` from above, in radians; `across` is how many voxels the picture
// shows, about `middle`
const camera_of = ({ turn, tilt, across, middle }) => {
  const [ct, st, cp, sp] = [Math.cos(turn), Math.sin(turn), Math.cos(tilt), Math.sin(tilt)];
  return { right: [ct, st, 0], ahead: [-st * cp, ct * cp, -sp], up: [-st * sp, ct * sp, cp], across, middle };
};

// the first place that a ray from `start` along `ahead` meets, as [x, y, z, on the cut face], or null.
// `cut` is {axis, at}: of the shape on both sides of `at` on that axis, the half that stands before the other is taken away.
const met = (shape, start, ahead, cut, hit) => {
  let t0 = -1e9, t1 = 1e9, by_cut = false;
  for (let a = 0; a < 3; a++) {
    if (Math.abs(ahead[a]) < 1e-9) {
      if (start[a] < shape.low[a] || start[a] > shape.high[a]) return null;
      continue;
    }
    const p = (shape.low[a] - start[a]) / ahead[a], q = (shape.high[a] - start[a]) / ahead[a];
    t0 = Math.max(t0, Math.min(p, q)); t1 = Math.min(t1, Math.max(p, q));
  }
  if (cut && Math.abs(ahead[cut.axis]) > 1e-9) {
    const t = (cut.at - start[cut.axis]) / ahead[cut.axis];
    if (t > t0) { t0 = t; by_cut = true; }
  }
  const { N, density, far } = shape, last = N - 1;
  let first = true;
  for (let t = t0; t <= t1;) {
    const x = start[0] + t * ahead[0], y = start[1] + t * ahead[1], z = start[2] + t * ahead[2];
    const i = Math.min(last, Math.max(0, Math.round(x))), j = Math.min(last, Math.max(0, Math.round(y))), k = Math.min(last, Math.max(0, Math.round(z)));
    const gap = far[(k * N + j) * N + i];
    if (gap > 2) { t += gap - 1.5; first = false; continue; }
    if (between(density, N, x, y, z) >= LEVEL) {
      if (first && by_cut) { hit[0] = x; hit[1] = y; hit[2] = z; hit[3] = 1; return hit; }
      let outside = first ? t : t - 0.6, inside = t;
      for (let n = 0; n < 4 && !first; n++) {  // the surface to a twentieth of a voxel
        const m = (outside + inside) / 2;
        if (between(density, N, start[0] + m * ahead[0], start[1] + m * ahead[1], start[2] + m * ahead[2]) >= LEVEL) inside = m;
        else outside = m;
      }
      hit[0] = start[0] + inside * ahead[0]; hit[1] = start[1] + inside * ahead[1]; hit[2] = start[2] + inside * ahead[2]; hit[3] = 0;
      return hit;
    }
    t += 0.6; first = false;
  }
  return null;
};
// where a pixel's ray starts: far before the middle of the cube, on the plane of the picture
const start_of = (camera, N, side, column, row) => {
  const u = ((column + 0.5) / side - 0.5) * camera.across, v = (0.5 - (row + 0.5) / side) * camera.across;
  return [0, 1, 2].map((a) => camera.middle[a] + u * camera.right[a] + v * camera.up[a] - 2 * N * camera.ahead[a]);
};

// the whole picture into `data` (RGBA, side × side): heat in `colours` (256 triples), in full on the cut face, lit on the skin
const LIGHT = [-0.35, 0.55, 0.76];  // from the left, from above, and from where we stand
const draw = (data, side, shape, camera, { cut = null, heat = null, colours, dim = 0.5 } = {}) => {
  const { N, density } = shape, hit = [0, 0, 0, 0], { right, up, ahead } = camera;
  const light = [0, 1, 2].map((a) => LIGHT[0] * right[a] + LIGHT[1] * up[a] - LIGHT[2] * ahead[a]);
  const begin = start_of(camera, N, side, 0, 0), step = camera.across / side, start = [0, 0, 0];
  for (let row = 0, o = 0; row < side; row++) {
    for (let column = 0; column < side; column++, o += 4) {
      for (let a = 0; a < 3; a++) start[a] = begin[a] + step * (column * right[a] - row * up[a]);
      if (!met(shape, start, ahead, cut, hit)) { data[o + 3] = 0; continue; }
      const [x, y, z, on_cut] = hit, h = heat ? Math.min(255, Math.max(0, heat_at(heat, N, x, y, z))) : 0;
      let lit = 1, level = h;
      if (!on_cut) {
        const gx = between(density, N, x + 1, y, z) - between(density, N, x - 1, y, z);
        const gy = between(density, N, x, y + 1, z) - between(density, N, x, y - 1, z);
        const gz = between(density, N, x, y, z + 1) - between(density, N, x, y, z - 1);
        const length = Math.hypot(gx, gy, gz) || 1, facing = -(gx * light[0] + gy * light[1] + gz * light[2]) / length;
        lit = 0.45 + 0.55 * Math.max(0, facing);
        level = 255 * dim + (1 - dim) * h;  // the skin keeps to the lighter colours, so that its shading is seen
      }
      const c = 3 * (level | 0);
      data[o] = lit * colours[c]; data[o + 1] = lit * colours[c + 1]; data[o + 2] = lit * colours[c + 2]; data[o + 3] = 255;
    }
  }
};
