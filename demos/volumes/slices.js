// Three slices through the crosshair, with the heat over the voxels that are there; its value is the heat.
const SIDE = 320;  // pixels of a canvas
const shown_axes = [[1, 2], [0, 2], [0, 1]];  // to the right and up, on the slice across x, y, z
const slice = (axis) => {
  const board = element.querySelectorAll('canvas')[axis], { N, occupied } = desk.shape, { side, low } = desk.window;
  if (board.width !== SIDE) board.width = board.height = SIDE;
  const pen = board.getContext('2d'), picture = pen.createImageData(side, side), { data } = picture, [a, b] = shown_axes[axis], place = [0, 0, 0];
  place[axis] = desk.cross[axis];
  for (let row = 0, o = 0; row < side; row++) for (let column = 0; column < side; column++, o += 4) {
    place[a] = low[a] + column; place[b] = low[b] + side - 1 - row;
    if (!occupied[(place[2] * N + place[1]) * N + place[0]]) continue;
    const c = desk.heat ? 3 * (keep(heat_at(desk.heat, N, ...place), 0, 255) | 0) : -1;
    for (let k = 0; k < 3; k++) data[o + k] = c < 0 ? BONE[k] : COLOURS[c + k];
    data[o + 3] = 255;
  }
  const small = new OffscreenCanvas(side, side), scale = SIDE / side;
  small.getContext('2d').putImageData(picture, 0, 0);
  pen.clearRect(0, 0, SIDE, SIDE); pen.imageSmoothingEnabled = false; pen.drawImage(small, 0, 0, SIDE, SIDE);
  const x = (desk.cross[a] - low[a] + 0.5) * scale, y = (side - (desk.cross[b] - low[b]) - 0.5) * scale;
  pen.strokeStyle = '#fb923c'; pen.lineWidth = 2;
  for (const [from, to, along] of [[[x, 0], [x, SIDE], a], [[0, y], [SIDE, y], b]]) {
    pen.setLineDash(along === desk.axis ? [] : [6, 5]); pen.beginPath(); pen.moveTo(...from); pen.lineTo(...to); pen.stroke();
  }
};
const show = each_frame(() => {
  if (!desk.shape) return;
  for (const axis of [0, 1, 2]) {
    slice(axis);
    const at = element.querySelectorAll('input')[axis];
    at.max = desk.N - 1; at.value = desk.cross[axis];
    element.querySelectorAll('output')[axis].textContent = `${AXES[axis]} = ${desk.cross[axis] + 1}`;
  }
});
const move = (event) => {
  const board = event.target.closest('canvas'), box = board.getBoundingClientRect();
  const [a, b] = shown_axes[[...element.querySelectorAll('canvas')].indexOf(board)], cross = [...desk.cross];
  const { side, low } = desk.window;
  cross[a] = low[a] + Math.floor(side * (event.clientX - box.left) / box.width);
  cross[b] = low[b] + side - 1 - Math.floor(side * (event.clientY - box.top) / box.height);
  look_at(cross);
};
let dragging = false;
element.addEventListener('pointerdown', (event) => {
  if (!event.target.closest('canvas') || event.button || !desk.shape) return;
  dragging = true; event.target.setPointerCapture(event.pointerId); move(event); event.preventDefault();
});
element.addEventListener('pointermove', (event) => { if (dragging && event.target.closest('canvas')) move(event); });
for (const what of ['pointerup', 'pointercancel']) element.addEventListener(what, () => { dragging = false; });
element.addEventListener('input', (event) => {
  event.stopPropagation();
  const axis = [...element.querySelectorAll('input')].indexOf(event.target), cross = [...desk.cross];
  if (axis < 0) return;
  cross[axis] = Number(event.target.value);
  look_at(cross);
});
const load = () => {
  const given = props.value;
  desk.heat = given?.values && given.key === desk.key ? { n: given.n, values: bytes(given.values) } : null;
  desk.waiting = given?.values && given.key !== desk.key ? given : null;  // the heat came before its shape
  tell('heat');
};
on('volume', () => { if (desk.waiting?.key === desk.key) load(); });
for (const what of ['shape', 'heat', 'cross', 'axis']) on(what, show);
watch('value', load);
load();
