// The shape in space: turned by drag, buttons and keys, cut open through the crosshair, and rubbed at where that is chosen.
const stage = () => element.querySelector('.wl-volumes-stage'), canvas = () => element.querySelector('canvas');
const still = matchMedia('(prefers-reduced-motion: reduce)');
const VIEWS = { front: [0, 0], back: [Math.PI, 0], left: [Math.PI / 2, 0], right: [-Math.PI / 2, 0], above: [0, 1.5], below: [0, -1.5] };
const FACES = [[1.15, 0.3], [0.5, 0.35], [0.5, 0.95]];  // from where a cut across x, y, z is seen well
const SWING = 0.55, SWING_SECONDS = 9, QUICK = 256, COARSE = 160, FINE = 512, SLOW_MS = 14;
let side = QUICK, turning = !still.matches, since = performance.now(), swing = desk.turn, goal = null, resting = 0, pressed = null;
const camera = () => camera_of(desk);
const cut = () => (desk.axis === null ? null : { axis: desk.axis, at: desk.cross[desk.axis] });

const paint = (at) => {
  const board = canvas(), pen = board.getContext('2d');
  if (board.width !== at) board.width = board.height = at;
  const picture = pen.createImageData(at, at), began = performance.now();
  draw(picture.data, at, desk.shape, camera(), { cut: cut(), heat: desk.heat, colours: COLOURS });
  pen.putImageData(picture, 0, 0);
  const took = performance.now() - began;
  if (at <= QUICK) { desk.milliseconds = took; side = took > SLOW_MS ? COARSE : took < SLOW_MS / 3 ? QUICK : side; }
  mark();
  stage().dataset.ready = desk.key; stage().dataset.side = at;
};
const place_on_stage = ([x, y, z]) => {
  const { right, up, across, middle: m } = camera(), p = [x - m[0], y - m[1], z - m[2]];
  const dot = (v) => v[0] * p[0] + v[1] * p[1] + v[2] * p[2];
  return [50 + 100 * dot(right) / across, 50 - 100 * dot(up) / across];
};
const mark = () => {
  const ring = element.querySelector('.wl-volumes-cross'), [left, top] = place_on_stage(desk.cross);
  ring.style.left = `${left}%`; ring.style.top = `${top}%`;
  const bar = element.querySelector('.wl-volumes-scale');
  bar.style.width = `${100 * 10 / desk.millimetres / desk.across}%`;
};
const drawn = each_frame(() => {
  if (!desk.shape || !stage().offsetWidth) return;
  paint(side);
  clearTimeout(resting);
  if (!turning && !goal && !pressed) resting = setTimeout(() => { if (element.isConnected) paint(FINE); }, 160);
});
const show = () => { stage().dataset.side = ''; drawn(); };
const step = () => {
  if (!element.isConnected) return;
  const now = performance.now(), seen = stage().offsetWidth && !document.hidden;
  if (goal) {
    const share = still.matches ? 1 : Math.min(1, (now - goal.since) / 350), eased = share * share * (3 - 2 * share);
    desk.turn = goal.from[0] + eased * (goal.to[0] - goal.from[0]); desk.tilt = goal.from[1] + eased * (goal.to[1] - goal.from[1]);
    if (share === 1) { goal = null; swing = desk.turn; since = now; }
    if (seen) show();
  } else if (turning && seen && desk.shape) {
    desk.turn = swing + SWING * Math.sin(2 * Math.PI * (now - since) / 1000 / SWING_SECONDS);
    show();
  }
  requestAnimationFrame(step);
};
const rest = () => {
  if (!turning) return;
  turning = false;
  element.querySelector('[data-turning]').setAttribute('aria-pressed', 'false');
  show();
};
const turn_to = (turn, tilt) => {  // the shorter way round
  const from = [desk.turn, desk.tilt], round = 2 * Math.PI;
  goal = { from, to: [from[0] + ((turn - from[0] + 3 * Math.PI) % round + round) % round - Math.PI, tilt], since: performance.now() };
  show();
};
const turn_by = (turn, tilt) => {
  goal = null;
  desk.turn += turn; desk.tilt = keep(desk.tilt + tilt, -1.5, 1.5);
  show();
};

// what lies under a place of the stage, as shares of it
const under = (u, v) => {
  const eye = camera(), n = 1024;
  return met(desk.shape, start_of(eye, desk.N, n, u * n, v * n), eye.ahead, cut(), [0, 0, 0, 0]);
};
const share_of = (event) => {
  const box = stage().getBoundingClientRect();
  return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
};
const act_at = (u, v) => {
  const hit = under(u, v);
  if (!hit) return;
  if (desk.mode === 'look') look_at(hit.slice(0, 3));
  else { desk.touched = hit.slice(0, 3); tell('touched'); }
};
const outline = (event) => {  // how large a ball would be, where it would go
  const ball = element.querySelector('.wl-volumes-ball'), hit = desk.mode !== 'look' && desk.shape && under(...share_of(event));
  ball.hidden = !hit;
  if (!hit) return;
  const [left, top] = place_on_stage(hit);
  Object.assign(ball.style, { left: `${left}%`, top: `${top}%`, width: `${200 * desk.radius / desk.across}%` });
};
element.addEventListener('pointerdown', (event) => {
  if (!event.target.closest('.wl-volumes-stage') || event.button || !desk.shape) return;
  pressed = { x: event.clientX, y: event.clientY, moved: 0 };
  stage().setPointerCapture(event.pointerId); rest(); goal = null;
  canvas().focus({ preventScroll: true }); event.preventDefault();
});
element.addEventListener('pointermove', (event) => {
  if (!pressed) { if (event.target.closest('.wl-volumes-stage')) outline(event); return; }
  const [dx, dy] = [event.clientX - pressed.x, event.clientY - pressed.y];
  pressed.moved += Math.abs(dx) + Math.abs(dy); pressed.x = event.clientX; pressed.y = event.clientY;
  if (pressed.moved > 4) turn_by(dx * 0.011, event.pointerType === 'touch' ? 0 : dy * 0.011);
});
element.addEventListener('pointerup', (event) => {
  if (!pressed) return;
  const clicked = pressed.moved <= 4;
  pressed = null;
  if (clicked) act_at(...share_of(event));
  show();
});
element.addEventListener('pointercancel', () => { pressed = null; });
element.addEventListener('pointerleave', () => { element.querySelector('.wl-volumes-ball').hidden = true; });
element.addEventListener('keydown', (event) => {
  if (event.target !== canvas() || !desk.shape) return;
  const by = { ArrowLeft: [-0.17, 0], ArrowRight: [0.17, 0], ArrowUp: [0, -0.17], ArrowDown: [0, 0.17] }[event.key];
  if (by) { rest(); turn_by(...by); }
  else if (event.key === '+' || event.key === '-') { desk.across = keep(desk.across * (event.key === '+' ? 0.87 : 1.15), 24, 110); show(); }
  else if (event.key === 'Enter') act_at(...place_on_stage(desk.cross).map((p) => p / 100));
  else return;
  event.preventDefault();
});

// buttons, the axis, and the slider over the strip
const mark_axis = () => {
  for (const button of element.querySelectorAll('[data-axis]')) {
    button.setAttribute('aria-pressed', String(button.dataset.axis === (desk.axis === null ? 'none' : AXES[desk.axis])));
  }
};
element.addEventListener('click', (event) => {
  const button = event.target.closest('button'), strip = event.target.closest('.wl-volumes-strip');
  if (strip && desk.axis !== null) {
    const box = strip.getBoundingClientRect(), cross = [...desk.cross];
    cross[desk.axis] = Math.floor(desk.N * (event.clientX - box.left) / box.width);
    look_at(cross);
  }
  if (!button) return;
  const { view, axis } = button.dataset;
  if (view) { rest(); turn_to(...VIEWS[view]); }
  if (axis) {
    desk.axis = axis === 'none' ? null : AXES.indexOf(axis);
    mark_axis(); rest(); if (desk.axis !== null) turn_to(...FACES[desk.axis]);
    tell('axis');
  }
  if (button.hasAttribute('data-turning')) {
    turning = !turning; swing = desk.turn; since = performance.now();
    button.setAttribute('aria-pressed', String(turning)); show();
  }
});
element.addEventListener('input', (event) => {
  if (!event.target.closest('.wl-volumes-at')) return;
  event.stopPropagation();
  const cross = [...desk.cross];
  cross[desk.axis ?? 1] = Number(event.target.value);
  look_at(cross);
});
const strip = () => {
  const axis = desk.axis ?? 1, at = element.querySelector('.wl-volumes-at'), name = AXES[axis], place = desk.cross[axis];
  at.max = desk.N - 1; at.value = place; at.disabled = desk.axis === null;
  at.setAttribute('aria-valuetext', `slice ${place + 1} of ${desk.N} across ${name}`);
  element.querySelector('.wl-volumes-cut-at').textContent = desk.axis === null ? 'not cut' : `${name} = ${place + 1} of ${desk.N}`;
  const sums = desk.shape ? heat_by_slice(axis) : [], most = Math.max(...sums, 1e-9);
  element.querySelector('.wl-volumes-strip').innerHTML = Array.from(sums, (sum, i) =>
    `<i${i === place ? ' class="wl-volumes-here"' : ''} style="height:${(100 * sum / most).toFixed(1)}%"></i>`).join('');
};
const frame = each_frame(strip);
const load = () => {
  const given = props.value;
  if (!given) return;
  if (given.key === desk.key) {  // the same one, chosen again: as it was
    if (desk.strokes.length) { desk.strokes = []; reshape(); tell('volume'); }
    return;
  }
  Object.assign(desk, { key: given.key, N: given.edge, millimetres: given.millimetres, strokes: [], heat: null });
  desk.given = unpacked(given.bits, given.edge ** 3);
  canvas().setAttribute('aria-label', `${given.words}, in space: arrow keys turn it, plus and minus bring it nearer or farther`);
  desk.shape = shape_of(Uint8Array.from(desk.given), desk.N);
  desk.cross = middle_of(desk.shape); desk.window = window_of(desk.shape);
  desk.middle = desk.shape.low.map((low, a) => (low + desk.shape.high[a]) / 2);
  desk.across = keep(1.3 * Math.max(...desk.shape.high.map((high, a) => high - desk.shape.low[a])), 50, 110);
  tell('volume'); tell('shape'); tell('cross');
};
for (const what of ['shape', 'heat', 'cross', 'axis']) on(what, () => { show(); frame(); });
watch('value', load);
mark_axis();
element.querySelector('[data-turning]').setAttribute('aria-pressed', String(turning));
new ResizeObserver(show).observe(stage());
load();
requestAnimationFrame(step);
